// Serves a program's `export default { fetch }`, as `deno serve` does. Deno runs this before the program, and calls
// back when the program's module has run.
async function serveDefault() {
  const { default: app } = await import(Deno.mainModule);
  if (typeof app?.fetch !== "function") return;
  try {
    Deno.serve({ port: Number(Deno.env.get("PORT") ?? 8000) }, (request, info) => app.fetch(request, info));
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;  // the program listens there itself
  }
}

addEventListener("load", serveDefault, { once: true });
