import { useMemo } from "react";
import { useSettings } from "./settings.jsx";

export function StockTable({ products }) {
  const { money } = useSettings();
  const totals = useMemo(
    () => ({
      pieces: products.reduce((sum, product) => sum + product.stock, 0),
      cents: products.reduce((sum, product) => sum + product.stock * product.priceCents, 0),
    }),
    [products],
  );

  return (
    <table className="stock-table">
      <caption>Stock at a glance</caption>
      <thead>
        <tr>
          {["Product", "Category", "Maker", "Weight", "Price", "Pieces"].map((title) => (
            <th key={title} scope="col">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {products.map((product) => (
          <tr key={product.id} className={product.stock === 0 ? "none" : undefined}>
            <th scope="row">{product.name}</th>
            <td>{product.category}</td>
            <td>{product.maker}</td>
            <td>{product.weightGrams} g</td>
            <td>{money(product.priceCents)}</td>
            <td>{product.stock}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row" colSpan={4}>
            Total
          </th>
          <td>{money(totals.cents)}</td>
          <td>{totals.pieces}</td>
        </tr>
      </tfoot>
    </table>
  );
}
