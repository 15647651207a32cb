import { answer, text } from "./cases.mjs";

const cases = {
  "/twice": async () => `${await text("/connection")} ${await text("/connection")}`,
  "/sip": (pieces) => {
    let sent = 0;
    const body = new ReadableStream({
      async pull(controller) {
        if (sent > 0) await text(`/sipped?${sent * 1000}`);
        if (sent++ < Number(pieces)) controller.enqueue(new Uint8Array(1000));
        else controller.close();
      },
    }, { highWaterMark: 0 });
    return text("/sip", { method: "POST", body });
  },
};

Deno.serve({ port: 8000 }, async (request) => {
  const url = new URL(request.url);
  return new Response(await answer(url.pathname + url.search, cases));
});
