// What the tests ask of a Deno server, by path.
import process from "node:process";

let count = 0;

const services = {
  "/count": () => String(++count),
  "/echo": async (request) => new Uint8Array(await request.arrayBuffer()),
  "/uuid": () => crypto.randomUUID(),
  "/math": () => String(Math.random()),
  "/now": () => String(Date.now()),
  "/big": (_, argument) => "x".repeat(1024 * Number(argument)),
  "/env": (_, argument) => Deno.env.get(argument) ?? "unset",
  "/cwd": () => Deno.cwd(),
  "/arguments": () => JSON.stringify(Deno.args),
  "/read": (_, argument) => Deno.readTextFileSync(argument),
  "/write": (_, argument) => (Deno.writeTextFileSync(argument, "written\n"), "written"),
  "/sleep": (_, argument) => new Promise((done) => setTimeout(() => done("slept"), Number(argument))),
  "/loop": () => { for (;;); },
  "/exit": () => process.exit(7),
  "/alloc": (_, argument) => {
    const kept = [];
    for (let i = 0; i < Number(argument); ++i) kept.push(new Uint8Array(1 << 20).fill(i));
    return String(kept.length);
  },
};

Deno.serve({ port: 8000 }, async (request) => {
  const url = new URL(request.url);
  if (url.pathname === "/204") return new Response(null, { status: 204 });
  if (url.pathname === "/304") return new Response(null, { status: 304 });
  const service = services[url.pathname] ?? (() => "hello\n");
  try {
    return new Response(await service(request, url.search.slice(1)));
  } catch (error) {
    return new Response(error.name, { status: 500 });
  }
});
