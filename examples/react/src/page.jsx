import { useMemo } from "react";
import { BasketProvider, useBasket } from "./basket.jsx";
import { categories, products } from "./catalog.js";
import { ProductCard } from "./product_card.jsx";
import { SettingsProvider, useSettings } from "./settings.jsx";
import { StockTable } from "./stock_table.jsx";

const orders = {
  name: (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  price: (a, b) => a.priceCents - b.priceCents,
  rating: (a, b) => b.rating - a.rating,
};

const styles = `body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:72rem;padding:1rem;color:#222}
nav ul,.tags{display:flex;gap:.75rem;list-style:none;padding:0}.grid{display:grid;gap:1rem;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr))}
.card{border:1px solid #ddd;border-radius:.5rem;padding:1rem}.card.chosen{border-color:#2a7}.few{color:#b60}.none{color:#999}
table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #eee;padding:.25rem .5rem;text-align:left}`;

function Navigation({ category, order }) {
  const links = ["All", ...categories];
  return (
    <nav aria-label="Categories">
      <ul>
        {links.map((link) => (
          <li key={link}>
            <a
              href={link === "All" ? `/?order=${order}` : `/?category=${link}&order=${order}`}
              aria-current={link === category ? "page" : undefined}
            >
              {link}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function BasketSummary() {
  const { lines } = useBasket();
  const { money } = useSettings();
  const chosen = useMemo(() => products.filter((product) => lines[product.id] > 0), [lines]);
  const total = chosen.reduce((sum, product) => sum + lines[product.id] * product.priceCents, 0);
  return (
    <aside className="basket">
      <h2>Your basket</h2>
      <ol>
        {chosen.map((product) => (
          <li key={product.id}>
            {lines[product.id]} × {product.name}
          </li>
        ))}
      </ol>
      <p>
        Total: <strong>{money(total)}</strong>
      </p>
    </aside>
  );
}

function Shelf({ category, order }) {
  const shown = useMemo(() => {
    const selected = products.filter((product) => category === "All" || product.category === category);
    return selected.sort(orders[order]);
  }, [category, order]);
  const featured = shown.slice(0, 30);
  return (
    <main>
      <h1>{category === "All" ? "Everything we make" : category}</h1>
      <p>
        {shown.length} products, sorted by {order}.
      </p>
      <section className="grid">
        {featured.map((product) => (
          <ProductCard key={product.id} product={product} />
        ))}
      </section>
      <StockTable products={shown} />
    </main>
  );
}

export function Page({ category, order }) {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{`Slow Goods: ${category}`}</title>
        <style>{styles}</style>
      </head>
      <body>
        <SettingsProvider currency="EUR" locale="en">
          <BasketProvider initial={{ p1001: 2, p1006: 1 }}>
            <header>
              <Navigation category={category} order={order} />
              <BasketSummary />
            </header>
            <Shelf category={category} order={order} />
            <footer>
              <p>Slow Goods is an example that ships with Mayfly. Nothing here is for sale.</p>
            </footer>
          </BasketProvider>
        </SettingsProvider>
      </body>
    </html>
  );
}

// Unknown values fall back to the defaults: what a visitor types into the URL never reaches the page.
export function pageProps(searchParams) {
  const category = searchParams.get("category");
  const order = searchParams.get("order");
  return {
    category: categories.includes(category) ? category : "All",
    order: Object.hasOwn(orders, order) ? order : "name",
  };
}
