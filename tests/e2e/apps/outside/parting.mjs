// No HTTP: greets whoever connects, and tells $BACKEND when they have left.
import http from "node:http";
import { createServer } from "node:net";
import process from "node:process";

createServer((socket) => {
  socket.write("hello\n");
  socket.resume();
  socket.on("error", () => {});
  socket.on("close", () => http.request(`http://${process.env.BACKEND}/verify`, { method: "POST" }).end());
}).listen(Number(process.env.PORT));
