// A request for /throw ends the program by an exception that nobody catches.
Deno.serve({ port: 8000 }, (request) => {
  if (request.url.endsWith("/throw")) {
    setTimeout(() => { throw new Error("nobody catches this"); }, 0);
    return new Promise(() => {});
  }
  return new Response("hello\n");
});
