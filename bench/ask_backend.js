// A server under Deno that asks $BACKEND (a URL) for each of its answers; with $RECONNECT over a connection of its own.
const backend = Deno.env.get("BACKEND");
const client = Deno.env.get("RECONNECT") ? Deno.createHttpClient({ poolMaxIdlePerHost: 0 }) : undefined;

Deno.serve({ port: Number(Deno.env.get("PORT") ?? 8000) }, async () => {
  const answer = await fetch(backend, { client });
  return new Response(await answer.text());
});
