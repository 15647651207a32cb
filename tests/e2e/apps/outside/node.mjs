import http from "node:http";
import process from "node:process";
import { answer, backend, httpGet, text } from "./cases.mjs";

// By node:http, as undici does neither natively: it connects twice, and holds the first piece of a body back.
const cases = {
  "/twice": async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    return `${await httpGet("/connection", { agent })} ${await httpGet("/connection", { agent })}`;
  },
  "/sip": (pieces) => new Promise((done, failed) => {
    const request = http.request(`${backend}/sip`, { method: "POST" }, (response) => {
      let body = "";
      response.on("data", (piece) => body += piece);
      response.on("end", () => done(body));
    });
    request.on("error", failed);
    (async () => {
      for (let sent = 1; sent <= Number(pieces); ++sent) {
        request.write(new Uint8Array(1000));
        await text(`/sipped?${sent * 1000}`);
      }
      request.end();
    })().catch(failed);
  }),
};

http.createServer(async (request, response) => response.end(await answer(request.url, cases))).listen(process.env.PORT);
