// Makes an image smaller in each request, by an addon (N-API) with threads of its own.
import { createServer } from "node:http";
import { createRequire } from "node:module";

const sharp = createRequire(`${process.env.MODULES}/`)("sharp");
const red = { r: 200, g: 30, b: 60 };
const image = await sharp({ create: { width: 400, height: 300, channels: 3, background: red } }).png().toBuffer();

createServer(async (request, response) => {
  const { info } = await sharp(image).resize(40, 30).png().toBuffer({ resolveWithObject: true });
  response.end(`${info.width}x${info.height}\n`);
}).listen(process.env.PORT ?? 8000);
