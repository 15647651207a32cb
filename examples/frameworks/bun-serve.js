import { hello, page } from "./page.js";

Bun.serve({
  port: process.env.PORT ?? 8000,
  routes: {
    "/": new Response(hello),
    "/page": () => new Response(page, { headers: { "content-type": "text/html" } }),
    "/echo": (request) => new Response(request.body),
  },
});
