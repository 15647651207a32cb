// Serves a program's `export default { fetch }`, as Deno and Bun do by themselves. Node runs this before the program.
import { pipeline } from "node:stream/promises";
import { pathToFileURL } from "node:url";
import { isMainThread } from "node:worker_threads";

function toRequest(incoming, outgoing) {
  const headers = new Headers();
  for (let i = 0; i < incoming.rawHeaders.length; i += 2) {
    headers.append(incoming.rawHeaders[i], incoming.rawHeaders[i + 1]);
  }
  const aborter = new AbortController();
  outgoing.once("close", () => outgoing.writableFinished || aborter.abort());
  return new Request(`http://${incoming.headers.host ?? "localhost"}${incoming.url}`, {
    method: incoming.method,
    headers,
    body: ["GET", "HEAD"].includes(incoming.method) ? undefined : incoming,
    duplex: "half",
    signal: aborter.signal,
  });
}

/** What is there by the end of this turn of the event loop, or nothing. */
const soon = (promise) => Promise.race([promise, new Promise((resolve) => setImmediate(resolve))]);

/** The pieces of a body from one on that has been asked for. If nobody takes them any longer, the body is told. */
async function* from(piece, pieces) {
  try {
    for (;;) {
      const { done, value } = await piece;
      if (done) return;
      yield value;
      piece = pieces.next();
    }
  } finally {
    await pieces.return();
  }
}

/** A body that is there at once goes out with its length; of any other, each piece goes out as it comes. */
async function sendBody(body, outgoing) {
  const pieces = body[Symbol.asyncIterator]();
  const first = pieces.next();
  if (!(await soon(first))) outgoing.flushHeaders();
  const { done, value } = await first;
  if (done) return outgoing.end();
  const second = pieces.next();
  if ((await soon(second))?.done) return outgoing.end(value);
  outgoing.write(value);
  await pipeline(from(second, pieces), outgoing);
}

async function send(response, incoming, outgoing) {
  outgoing.statusCode = response.status;
  if (response.statusText) outgoing.statusMessage = response.statusText;
  outgoing.setHeaders(response.headers);
  if (incoming.method === "HEAD" || !response.body) return outgoing.end();
  await sendBody(response.body, outgoing);
}

function fail(error, outgoing) {
  if (error.code === "ERR_STREAM_PREMATURE_CLOSE") return;  // the client has gone
  console.error(error);
  if (outgoing.headersSent) return outgoing.destroy();
  for (const name of outgoing.getHeaderNames()) outgoing.removeHeader(name);
  outgoing.statusCode = 500;
  outgoing.end("Internal Server Error");
}

async function answer(app, incoming, outgoing) {
  const { remoteAddress: hostname, remotePort: port } = incoming.socket;
  const info = { remoteAddr: { transport: "tcp", hostname, port } };  // as Deno gives it
  try {
    await send(await app.fetch(toRequest(incoming, outgoing), info), incoming, outgoing);
  } catch (error) {
    fail(error, outgoing);
  }
}

async function serve(app) {
  const listensItself = process.getActiveResourcesInfo().includes("TCPServerWrap");
  if (listensItself || typeof app?.fetch !== "function") return;
  const { createServer } = await import("node:http");
  createServer((incoming, outgoing) => answer(app, incoming, outgoing)).listen(Number(process.env.PORT ?? 8000));
}

/** The module that Node runs, once it has run. What it throws is reported by Node. */
const program = () => import(pathToFileURL(process.argv[1])).catch(() => ({}));

if (isMainThread && process.argv[1]) setImmediate(async () => serve((await program()).default));
