import { renderPage } from "./render.jsx";

const port = Number(Deno.env.get("PORT") ?? 8000);

Deno.serve({ port }, (request) => {
  const html = renderPage(new URL(request.url).searchParams);
  return new Response(html, { headers: { "content-type": "text/html; charset=utf-8" } });
});
