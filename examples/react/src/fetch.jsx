// The page for any runtime that serves `export default { fetch }`; /stream sends it piece by piece, as React renders it.
import { Suspense } from "react";
import { renderToReadableStream } from "react-dom/server.edge";
import { Page, pageProps } from "./page.jsx";
import { renderPage } from "./render.jsx";

const html = { headers: { "content-type": "text/html; charset=utf-8" } };

export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== "/stream") return new Response(renderPage(searchParams), html);
    const page = (
      <Suspense>
        <Page {...pageProps(searchParams)} />
      </Suspense>
    );
    return new Response(await renderToReadableStream(page), html);
  },
};
