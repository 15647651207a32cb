// The departures of a made-up tram, as JSON: /departures?station=NAME. Runs under Node or Deno; answers depend on the URL alone.
import { createServer } from "node:http";
import process from "node:process";

const stations = ["Harbour", "Market", "Observatory", "Old Mill", "University"];
const lines = [
  { line: "1", towards: "Lighthouse", every: 6 },
  { line: "4", towards: "Botanical Garden", every: 10 },
  { line: "7", towards: "North Cemetery & Chapel", every: 15 },
];

function departures(station) {
  const first = stations.indexOf(station) * 2;
  return lines.flatMap(({ line, towards, every }) =>
    Array.from({ length: 8 }, (_, index) => ({
      line,
      towards,
      minutes: first + index * every,
      platform: 1 + ((index + first) % 2),
      delayed: (index + Number(line) + first) % 5 === 0,
    })),
  ).sort((a, b) => a.minutes - b.minutes || a.line.localeCompare(b.line));
}

function answer(url) {
  const station = url.searchParams.get("station") ?? stations[0];
  if (url.pathname !== "/departures" || !stations.includes(station)) return [404, { stations }];
  return [200, { station, stations, departures: departures(station) }];
}

const server = createServer((request, response) => {
  const [status, body] = answer(new URL(request.url, "http://backend"));
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
});
server.listen(Number(process.env.PORT ?? 9000), "127.0.0.1");
