import { renderToString } from "react-dom/server.edge";
import { Page } from "./page.jsx";

export function renderPage(props) {
  return `<!DOCTYPE html>${renderToString(<Page {...props} />)}`;
}
