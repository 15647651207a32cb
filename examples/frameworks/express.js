import express from "express";
import { hello, page } from "./page.js";

const app = express();
app.use(express.text());
app.get("/", (request, response) => response.type("text").send(hello));
app.get("/page", (request, response) => response.send(page));
app.post("/echo", (request, response) => response.type("text").send(request.body));
app.listen(process.env.PORT ?? 8000);
