// Talks to chat.mjs as the client of the package ws, and prints what it hears. Usage: chat_client.mjs MODULES ADDRESS
import { once } from "node:events";

const [modules, address] = process.argv.slice(2);
const { default: WebSocket } = await import(`${modules}/ws/wrapper.mjs`);

class Chat {
  constructor() {
    this.socket = new WebSocket(`ws://${address}/chat`);
    this.heard = [];
    this.socket.on("message", (data, isBinary) => {
      this.heard.push(isBinary ? `${data.length} bytes, the last ${data.at(-1)}` : data.toString().slice(0, 40));
      this.socket.emit("heard");
    });
  }

  async hear() {
    while (this.heard.length === 0) await once(this.socket, "heard");
    return this.heard.shift();
  }
}

const chats = [new Chat(), new Chat(), new Chat()];
for (const chat of chats) console.log("greeting:", await chat.hear());
console.log("HTTP meanwhile:", await (await fetch(`http://${address}/`)).text());

for (const [index, { socket }] of chats.entries()) socket.send(`hello ${index}`);
for (const chat of chats) console.log("text:", await chat.hear());

const [{ socket }] = chats;
socket.send(Buffer.alloc(1_000_000, 7));
console.log("binary:", await chats[0].hear());
socket.send("in ", { fin: false });
socket.send("two ", { fin: false });
socket.send("pieces", { fin: true });
console.log("fragments:", await chats[0].hear());
socket.ping("still there?");
console.log("pong:", (await once(socket, "pong"))[0].toString());

for (const chat of chats) {
  chat.socket.close(1000, "done");
  console.log("closed:", (await once(chat.socket, "close"))[0]);
}

const again = new Chat();
console.log("greeting:", await again.hear());
again.socket.terminate();
