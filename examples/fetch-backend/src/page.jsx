import { useMemo } from "react";

const styles = `body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:48rem;padding:1rem;color:#222}
nav ul{display:flex;gap:.75rem;list-style:none;padding:0}table{border-collapse:collapse;width:100%}
th,td{border-bottom:1px solid #eee;padding:.25rem .5rem;text-align:left}.delayed{color:#b60}`;

function Stations({ stations, station }) {
  return (
    <nav aria-label="Stations">
      <ul>
        {stations.map((name) => (
          <li key={name}>
            <a href={`/?station=${encodeURIComponent(name)}`} aria-current={name === station ? "page" : undefined}>
              {name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Departures({ departures }) {
  const delayed = useMemo(() => departures.filter((departure) => departure.delayed).length, [departures]);
  return (
    <table>
      <caption>{`${departures.length} departures, ${delayed} of them delayed`}</caption>
      <thead>
        <tr>
          {["Line", "Towards", "In", "Platform"].map((title) => (
            <th key={title} scope="col">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {departures.map(({ line, towards, minutes, platform, delayed }) => (
          <tr key={`${line} ${minutes}`} className={delayed ? "delayed" : undefined}>
            <td>{line}</td>
            <th scope="row">{towards}</th>
            <td>{minutes === 0 ? "now" : `${minutes} min`}</td>
            <td>{platform}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Page({ station, stations = [], departures = [], problem }) {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{problem ? "Departures" : `Departures: ${station}`}</title>
        <style>{styles}</style>
      </head>
      <body>
        <Stations stations={stations} station={station} />
        <main>
          <h1>{station ?? "Departures"}</h1>
          {problem ? <p role="alert">{problem}</p> : <Departures departures={departures} />}
        </main>
        <footer>
          <p>This tram is an example that ships with Mayfly. It goes nowhere.</p>
        </footer>
      </body>
    </html>
  );
}
