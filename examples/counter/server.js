// State at module level: outside Mayfly it grows with every request, under isolation every request sees the snapshot's.
let count = 0;
let warmup = 0;

const port = Number(Deno.env.get("PORT") ?? 8000);

Deno.serve({ port }, (request) => {
  count += 1;
  if (request.headers.has("X-Mayfly-Warmup")) warmup += 1;
  return Response.json({ count, warmup });
});
