import { renderToString } from "react-dom/server.edge";
import { Page, pageProps } from "./page.jsx";

export function renderPage(searchParams) {
  return `<!DOCTYPE html>${renderToString(<Page {...pageProps(searchParams)} />)}`;
}
