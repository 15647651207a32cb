import { hello, page } from "./page.js";

Deno.serve({ port: Number(Deno.env.get("PORT") ?? 8000) }, (request) => {
  const { pathname } = new URL(request.url);
  if (pathname === "/echo") return new Response(request.body);
  if (pathname === "/page") return new Response(page, { headers: { "content-type": "text/html" } });
  return new Response(hello);
});
