// What a server may use of its runtime in a request: SQLite, WebAssembly that traps, a worker thread.
import { createServer } from "node:http";
import { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";

const fill = "create table numbers (n integer); insert into numbers values (1), (2), (3)";
const databases = [":memory:", "/tmp/numbers.db"].map((place) => new DatabaseSync(place));
for (const database of databases) database.exec(fill);

function sums() {
  return databases.map((database) => {
    database.exec("insert into numbers values (10)");
    return database.prepare("select sum(n) as sum from numbers").get().sum;
  });
}

// (module (memory 1) (func (export "read") (param i32) (result i32) local.get 0 i32.load))
const module = new WebAssembly.Module(Uint8Array.from([
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, // magic and version
  1, 6, 1, 0x60, 1, 0x7f, 1, 0x7f, // type
  3, 2, 1, 0, // function
  5, 3, 1, 0, 1, // memory
  7, 8, 1, 4, 0x72, 0x65, 0x61, 0x64, 0, 0, // export
  10, 9, 1, 7, 0, 0x20, 0, 0x28, 2, 0, 0x0b, // code
]));
const { read } = new WebAssembly.Instance(module).exports;

function trap() {
  const inside = read(0);
  try {
    read(0x7fff0000);
  } catch (error) {
    return `${inside}, then ${error.name}`;
  }
}

const code = "const { parentPort: port } = require('node:worker_threads'); port.once('message', (n) => port.postMessage(n * 2))";

function fromWorker(number) {
  const worker = new Worker(code, { eval: true });
  worker.postMessage(number);
  return new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
}

const answers = { "/": () => "hello", "/sqlite": sums, "/wasm": trap, "/worker": () => fromWorker(21) };

createServer(async ({ url }, response) => {
  const answer = await answers[url]();
  response.end(`${answer}\n`);
}).listen(process.env.PORT ?? 8000);
