// An upstream to try the proxy with: /lines?count=N&pause=MS sends N lines, one at a time; a POST gets its body back.
// Runs under Node or Deno.
import { createServer } from "node:http";
import process from "node:process";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";

const mostLines = 100_000;
const mostPauseMs = 1_000;

async function* lines(searchParams) {
  const count = Math.min(Number(searchParams.get("count") ?? 10), mostLines);
  const pauseMs = Math.min(Number(searchParams.get("pause") ?? 0), mostPauseMs);
  for (let line = 1; line <= count; line++) {
    yield `line ${line}\n`;
    if (pauseMs > 0) await sleep(pauseMs);
  }
}

function clientLeft(error) {
  console.error(`a client has left early: ${error.message}`);
}

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://upstream");
  if (request.method === "POST") {
    response.writeHead(200, { "content-type": request.headers["content-type"] ?? "application/octet-stream" });
    pipeline(request, response).catch(clientLeft);
  } else if (pathname === "/lines") {
    response.writeHead(200, { "content-type": "text/plain" });
    pipeline(lines(searchParams), response).catch(clientLeft);
  } else {
    response.writeHead(pathname === "/" ? 200 : 404, { "content-type": "text/plain" });
    response.end(pathname === "/" ? "Try /lines?count=10&pause=200\n" : "not found\n");
  }
});
server.listen(Number(process.env.PORT ?? 9000), "127.0.0.1");
