import { createClient } from "@redis/client";

const port = Number(Deno.env.get("PORT") ?? 8000);
const url = Deno.env.get("REDIS") ?? "redis://localhost:6379";
const key = "mayfly-example:notes";
const mostNotes = 20;
const mostCharacters = 200;

// A connection belongs to one request: none that was made at start-up could go on in the copies of a machine.
async function withRedis(use) {
  const client = createClient({ url, socket: { reconnectStrategy: false } });
  // What goes wrong is thrown where it is waited for as well.
  client.on("error", () => {});
  await client.connect();
  try {
    return await use(client);
  } finally {
    client.destroy();
  }
}

async function add(note) {
  if (note === "" || note.length > mostCharacters) return new Response(`1 to ${mostCharacters} characters\n`, { status: 400 });
  await withRedis((client) => client.multi().lPush(key, note).lTrim(key, 0, mostNotes - 1).exec());
  return new Response("noted\n", { status: 201 });
}

async function list() {
  const notes = await withRedis((client) => client.lRange(key, 0, -1));
  return Response.json({ notes });
}

Deno.serve({ port }, async (request) => {
  try {
    if (request.method === "POST") return await add((await request.text()).trim());
    return await list();
  } catch (error) {
    console.error(`redis: ${error}`);
    return new Response("The notes are out of reach.\n", { status: 502 });
  }
});
