import { createServer } from "node:http";
import { hello, page } from "./page.js";

createServer((request, response) => {
  if (request.url === "/echo") return request.pipe(response);
  const html = request.url === "/page";
  response.setHeader("content-type", html ? "text/html" : "text/plain");
  response.end(html ? page : hello);
}).listen(process.env.PORT ?? 8000);
