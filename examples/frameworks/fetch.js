// Runs under Deno, Node and Bun alike.
import { hello, page } from "./page.js";

export default {
  fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/echo") return new Response(request.body);
    if (pathname === "/page") return new Response(page, { headers: { "content-type": "text/html" } });
    return new Response(hello);
  },
};
