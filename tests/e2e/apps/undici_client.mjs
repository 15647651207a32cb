// Asks 20 times over one connection of undici by TLS. Usage: undici_client.mjs MODULES ADDRESS CERTIFICATE [h2]
import { readFileSync } from "node:fs";

const [modules, address, certificate, version] = process.argv.slice(2);
const { Pool } = (await import(`${modules}/undici/index.js`)).default;
const connect = { ca: readFileSync(certificate), servername: "localhost" };
const pool = new Pool(`https://${address}`, { connections: 1, connect, allowH2: version === "h2", pipelining: 10 });
const answers = Array.from({ length: 20 }, async () => {
  const { statusCode, body } = await pool.request({ path: "/hello", method: "GET" });
  return `${statusCode} ${await body.text()}`;
});
console.log([...new Set(await Promise.all(answers))].join("\n"));
await pool.close();
