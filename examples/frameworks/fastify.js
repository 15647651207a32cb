import fastify from "fastify";
import { hello, page } from "./page.js";

const app = fastify();
app.get("/", () => hello);
app.get("/page", (request, reply) => reply.type("text/html").send(page));
app.post("/echo", (request) => request.body);
await app.listen({ port: process.env.PORT ?? 8000 });
