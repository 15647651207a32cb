// A page that is streamed as React's server rendering does it - what takes longer comes last, and a script puts it where
// it belongs - and whose own script follows Server-Sent Events.
const encoder = new TextEncoder();
const soon = () => new Promise((done) => setTimeout(done, 20));

const shell = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Streamed</title><link rel="icon" href="data:,"></head>
<body>
<main><p id="slow">loading</p></main>
<ol id="events"></ol>
<script>
  const events = new EventSource("/events");
  const list = document.getElementById("events");
  events.addEventListener("tick", (event) => {
    list.append(Object.assign(document.createElement("li"), { textContent: event.lastEventId + " " + event.data }));
  });
  events.addEventListener("end", () => {
    events.close();
    list.dataset.state = "complete";
  });
  events.onerror = () => list.dataset.state = "broken";

  // Browsers that dump a page do so once it is loaded: it is not as long as an image is on its way.
  function hold(number) {
    const image = new Image();
    image.onerror = () => list.dataset.state ?? hold(number + 1);
    image.src = "/none?" + number;
  }
  hold(0);
</script>
`;

const late = `<template id="late"><p id="slow">rendered later</p></template>
<script>document.getElementById("slow").replaceWith(document.getElementById("late").content)</script>
</body>
</html>
`;

async function* page() {
  yield shell;
  await soon();
  yield late;
}

async function* events() {
  for (let id = 1; id <= 3; ++id) {
    yield `event: tick\nid: ${id}\ndata: request ${count}\n\n`;
    await soon();
  }
  yield "event: end\ndata:\n\n";
  for (;;) {  // it is for the client to close
    await soon();
    yield ": still there\n\n";
  }
}

let count = 0;

function streamed(pieces, type) {
  const source = pieces();
  const body = new ReadableStream({
    async pull(controller) {
      const { done, value } = await source.next();
      if (done) return controller.close();
      controller.enqueue(encoder.encode(value));
    },
  });
  return new Response(body, { headers: { "Content-Type": type, "Cache-Control": "no-store" } });
}

Deno.serve({ port: 8000 }, async (request) => {
  ++count;
  const { pathname } = new URL(request.url);
  if (pathname === "/") return streamed(page, "text/html; charset=utf-8");
  if (pathname === "/events") return streamed(events, "text/event-stream");
  await soon();
  return new Response("not found", { status: 404 });
});
