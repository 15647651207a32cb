// Answers /N with N bytes, as fast as they are taken.
import { createServer } from "node:http";
import process from "node:process";

const piece = new TextEncoder().encode("0123456789abcdef".repeat(4096));

createServer((request, response) => {
  let left = Number(request.url.slice(1));
  response.setHeader("Content-Length", left);
  const write = () => {
    while (left > 0) {
      const size = Math.min(left, piece.length);
      left -= size;
      if (!response.write(piece.subarray(0, size)) && left > 0) return response.once("drain", write);
    }
    response.end();
  };
  write();
}).listen(Number(process.env.PORT ?? 8080));
