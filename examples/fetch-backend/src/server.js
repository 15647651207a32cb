import { renderPage } from "./render.jsx";

const port = Number(Deno.env.get("PORT") ?? 8000);
const backend = Deno.env.get("BACKEND") ?? "http://localhost:9000";

async function board(station) {
  const url = new URL("/departures", backend);
  if (station !== null) url.searchParams.set("station", station);
  try {
    const answer = await fetch(url);
    if (answer.ok) return { status: 200, ...(await answer.json()) };
    if (answer.status === 404) return { status: 404, problem: "There is no such station.", ...(await answer.json()) };
    await answer.body?.cancel();
  } catch (error) {
    console.error(`the backend does not answer: ${error}`);
  }
  return { status: 502, problem: "The departures are not known at the moment." };
}

Deno.serve({ port }, async (request) => {
  const { status, ...props } = await board(new URL(request.url).searchParams.get("station"));
  return new Response(renderPage(props), { status, headers: { "content-type": "text/html; charset=utf-8" } });
});
