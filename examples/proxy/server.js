const port = Number(Deno.env.get("PORT") ?? 8000);
const upstream = Deno.env.get("UPSTREAM") ?? "http://localhost:9000";

// What is about one connection only, not about the message (RFC 9110, section 7.6.1), and what fetch has undone or sets itself.
const notPassedOn = [
  "connection",
  "content-encoding",
  "content-length",
  "host",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

function passedOn(headers) {
  const result = new Headers(headers);
  for (const name of notPassedOn) result.delete(name);
  return result;
}

Deno.serve({ port }, async (request) => {
  const { pathname, search } = new URL(request.url);
  try {
    const response = await fetch(new URL(upstream + pathname + search), {
      method: request.method,
      headers: passedOn(request.headers),
      body: request.body,
      redirect: "manual",
    });
    return new Response(response.body, { status: response.status, headers: passedOn(response.headers) });
  } catch (error) {
    console.error(`the upstream does not answer: ${error}`);
    return new Response("The upstream does not answer.\n", { status: 502 });
  }
});
