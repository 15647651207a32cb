// What the tests ask of a server that asks a backend, $BACKEND: by path, under Deno and Node.
import http from "node:http";
import process from "node:process";

export const backend = `http://${process.env.BACKEND}`;
const abandoned = [];

export const text = async (path, options) => (await fetch(backend + path, options)).text();

/// 16-byte lines with their numbers, as the backend makes them.
function pattern(size) {
  const bytes = new Uint8Array(size);
  const encoder = new TextEncoder();
  for (let i = 0; i < size / 16; ++i) encoder.encodeInto(String(i).padStart(15, "0") + "\n", bytes.subarray(16 * i));
  return bytes;
}

export function httpGet(path, options = {}) {
  return new Promise((done, failed) => {
    http.get(backend + path, options, (response) => {
      let body = "";
      response.on("data", (piece) => body += piece);
      response.on("end", () => done(body));
      response.on("error", failed);
    }).on("error", failed);
  });
}

async function drip(pieces) {
  const response = await fetch(`${backend}/drip?${pieces}`);
  const taken = [];
  for await (const piece of response.body) {
    taken.push(new TextDecoder().decode(piece));
    await text(`/taken?${taken.length}`);
  }
  return taken.join("");
}

let count = 0;

const common = {
  "/count": () => String(++count),
  "/loop": () => {
    for (;;);
  },
  "/gated": async (path) => {
    await text("/gate");
    return text(path);
  },
  "/fetch": (argument) => text(argument),
  "/http": (argument) => httpGet(argument),
  "/url": async (argument) => (await fetch(argument)).text(),
  "/download": async (size) => {
    const got = new Uint8Array(await (await fetch(`${backend}/pattern?${size}`)).arrayBuffer());
    const wanted = pattern(Number(size));
    return got.length === wanted.length && got.every((byte, i) => byte === wanted[i]) ? `${size} bytes` : "differs";
  },
  "/upload": (size) => text("/verify", { method: "POST", body: pattern(Number(size)) }),
  "/drip": (argument) => drip(Number(argument)),
  "/abandon": async (argument) => {
    abandoned.push(fetch(`${backend}/pattern?200000`), fetch(`${backend}/never`));
    abandoned.push(await fetch(`${backend}/pattern?200000`));
    return argument;
  },
};

/// Long enough for the answer to be out first.
const later = 300;

function story(error) {
  const errors = [];
  for (let e = error; e; e = e.cause) errors.push([e.code, e.name, e.message, ...(e.errors ?? []).map(String)].join(" "));
  return "failed: " + errors.join(": ");
}

/// @param target a path with an argument behind its question mark
/// @param more cases, of this runtime only
export async function answer(target, more) {
  const cases = { ...common, ...more };
  const question = target.indexOf("?");
  const service = question < 0 ? target : target.slice(0, question);
  if (service === "/after") {
    setTimeout(() => answer(target.slice(question + 1), more), later);
    return "soon";
  }
  if (!(service in cases)) return "hello";
  try {
    return await cases[service](question < 0 ? "" : target.slice(question + 1));
  } catch (error) {
    return story(error);
  }
}
