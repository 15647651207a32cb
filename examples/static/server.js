import html from "./dist/index.html";

const port = Number(Deno.env.get("PORT") ?? 8000);
const headers = { "content-type": "text/html; charset=utf-8" };

Deno.serve({ port }, () => new Response(html, { headers }));
