import { Elysia } from "elysia";
import { hello, page } from "./page.js";

new Elysia()
  .get("/", () => hello)
  .get("/page", ({ set }) => {
    set.headers["content-type"] = "text/html";
    return page;
  })
  .post("/echo", ({ body }) => body)
  .listen(process.env.PORT ?? 8000);
