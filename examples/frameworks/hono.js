// Runs under Deno, Node and Bun alike.
import { Hono } from "hono";
import { hello, page } from "./page.js";

const app = new Hono();
app.get("/", (context) => context.text(hello));
app.get("/page", (context) => context.html(page));
app.post("/echo", (context) => context.body(context.req.raw.body));
export default app;
