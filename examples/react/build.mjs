// Bundles each server and its React into one file: dist/server.js for Deno, dist/fetch.js for all runtimes.
import { build } from "esbuild";
import { fileURLToPath } from "node:url";

await build({
  absWorkingDir: fileURLToPath(new URL(".", import.meta.url)),
  entryPoints: { server: "src/server.js", fetch: "src/fetch.jsx" },
  outdir: "dist",
  bundle: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  minify: true,
  define: { "process.env.NODE_ENV": '"production"' },
  legalComments: "none",
  logLevel: "warning",
});
