import { type Context, Hono } from "hono";
import { hello, page } from "./page.js";

interface Answer {
  readonly type: "text/plain" | "text/html";
  readonly body: string;
}

const answers: Record<string, Answer> = {
  "/": { type: "text/plain", body: hello },
  "/page": { type: "text/html", body: page },
};

const app = new Hono();
app.post("/echo", (context: Context) => context.body(context.req.raw.body));
app.get("*", (context: Context): Response => {
  const answer = answers[context.req.path];
  return answer ? context.body(answer.body, 200, { "content-type": answer.type }) : context.notFound();
});

Deno.serve({ port: Number(Deno.env.get("PORT") ?? 8000) }, app.fetch);
