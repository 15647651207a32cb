// Answers of every kind, for the runtimes that serve `export default { fetch }`.
const encoder = new TextEncoder();

/** A body of which each piece comes after a timer. @param broken whether it ends by an error */
function slowly(pieces, broken = false) {
  const left = pieces.map((piece) => encoder.encode(piece));
  return new ReadableStream({
    async pull(controller) {
      await new Promise((done) => setTimeout(done, 5));
      if (left.length > 0) return controller.enqueue(left.shift());
      if (broken) return controller.error(new Error("broken on purpose"));
      controller.close();
    },
  });
}

const answers = {
  "/": () => new Response("hello\n"),
  "/nothing": () => new Response(null, { status: 204 }),
  "/teapot": () => new Response("short\n", { status: 418, headers: { "x-own": "value" } }),
  "/cookies": () => new Response("crumbs\n", { headers: [["set-cookie", "a=1"], ["set-cookie", "b=2"]] }),
  "/slowly": () => new Response(slowly(["one ", "two ", "three\n"])),
  "/broken": () => new Response(slowly(["one "], true)),
  "/throws": () => { throw new Error("thrown on purpose"); },
  "/method": (request) => new Response(`${request.method} ${request.headers.get("x-asked")}\n`),
  "/length": async (request) => new Response(`${(await request.text()).length}\n`),
};

export default { fetch: (request) => answers[new URL(request.url).pathname](request) };
