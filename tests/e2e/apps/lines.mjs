// No HTTP: greets whoever connects, numbers the lines that it gets, and ends at "quit".
import { createServer } from "node:net";

let connections = 0; // that this machine has had

createServer((socket) => {
  connections += 1;
  let lines = 0;
  let rest = "";
  socket.write(`connection ${connections}\n`);
  socket.on("data", (data) => {
    const whole = (rest + data).split("\n");
    rest = whole.pop();
    for (const line of whole) {
      if (line === "quit") return socket.end("bye\n");
      if (line === "crash") process.abort();
      lines += 1;
      socket.write(`${lines}: ${line}\n`);
    }
  });
}).listen(Number(process.env.PORT ?? 8000));
