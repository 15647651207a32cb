// Speaks WebSocket by each runtime's own means, which under Node is the package ws in $MODULES; plain HTTP gets "plain".
let connections = 0; // that this machine has had
const port = Number(process.env.PORT ?? 8000);

function open(send) {
  connections += 1;
  send(`connection ${connections}`);
}

function message(send, data) {
  send(typeof data === "string" ? data.toUpperCase() : data);
}

if (globalThis.Deno) {
  Deno.serve({ port }, (request) => {
    if (request.headers.get("upgrade") !== "websocket") return new Response("plain");
    const { socket, response } = Deno.upgradeWebSocket(request);
    const send = (data) => socket.send(data);
    socket.onopen = () => open(send);
    socket.onmessage = (event) => message(send, event.data);
    return response;
  });
} else if (globalThis.Bun) {
  Bun.serve({
    port,
    fetch: (request, server) => (server.upgrade(request) ? undefined : new Response("plain")),
    websocket: {
      open: (socket) => open((data) => socket.send(data)),
      message: (socket, data) => message((answer) => socket.send(answer), data),
    },
  });
} else {
  const { createServer } = await import("node:http");
  const { WebSocketServer } = await import(`${process.env.MODULES}/ws/wrapper.mjs`);
  const server = createServer((request, response) => response.end("plain"));
  new WebSocketServer({ server }).on("connection", (socket) => {
    const send = (data) => socket.send(data);
    open(send);
    socket.on("message", (data, isBinary) => message(send, isBinary ? data : data.toString()));
  });
  server.listen(port);
}
