// Answers when it was started, in milliseconds.
const booted = Date.now();
Deno.serve({ port: Number(Deno.env.get("PORT") ?? 8000), onListen() {} }, () => new Response(String(booted)));
