// Renders the page of the React example once, here, and bundles it into a server that only sends it: dist/server.js.
import { build } from "esbuild";
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const common = { absWorkingDir: here, bundle: true, format: "esm", target: "es2022", logLevel: "warning" };

const renderer = await build({
  ...common,
  entryPoints: ["../react/src/render.jsx"],
  jsx: "automatic",
  define: { "process.env.NODE_ENV": '"production"' },
  write: false,
});
const source = Buffer.from(renderer.outputFiles[0].contents).toString("base64");
const { renderPage } = await import(`data:text/javascript;base64,${source}`);

await mkdir(`${here}dist`, { recursive: true });
await writeFile(`${here}dist/index.html`, renderPage(new URLSearchParams()));
await build({ ...common, entryPoints: ["server.js"], outfile: "dist/server.js", loader: { ".html": "text" } });
