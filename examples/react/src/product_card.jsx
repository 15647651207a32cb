import { useCallback, useId, useState } from "react";
import { useBasket } from "./basket.jsx";
import { useSettings } from "./settings.jsx";

function Stars({ rating, reviews }) {
  return (
    <p className="stars" role="img" aria-label={`${rating} of 5 stars from ${reviews} reviews`}>
      {[1, 2, 3, 4, 5].map((star) => (
        <span key={star} className={star <= Math.round(rating) ? "star full" : "star"}>
          {star <= Math.round(rating) ? "★" : "☆"}
        </span>
      ))}
      <small> ({reviews})</small>
    </p>
  );
}

function Stock({ count }) {
  if (count === 0) return <p className="stock none">Sold out, back in two weeks</p>;
  if (count < 5) return <p className="stock few">Only {count} left</p>;
  return <p className="stock">In stock</p>;
}

export function ProductCard({ product }) {
  const { money } = useSettings();
  const { lines, dispatch } = useBasket();
  const [expanded, setExpanded] = useState(false);
  const noteId = useId();
  const add = useCallback(() => dispatch({ type: "add", id: product.id }), [dispatch, product.id]);
  const inBasket = lines[product.id] ?? 0;

  return (
    <article className={inBasket > 0 ? "card chosen" : "card"} data-product={product.id}>
      <header>
        <h3>
          <a href={`/products/${product.id}`}>{product.name}</a>
        </h3>
        <p className="maker">by {product.maker}</p>
      </header>
      <Stars rating={product.rating} reviews={product.reviews} />
      <p id={noteId} className={expanded ? "note" : "note clipped"}>
        {product.note}
      </p>
      {product.tags.length > 0 && (
        <ul className="tags">
          {product.tags.map((tag) => (
            <li key={tag}>{tag}</li>
          ))}
        </ul>
      )}
      <Stock count={product.stock} />
      <footer>
        <strong className="price">{money(product.priceCents)}</strong>
        <button type="button" disabled={product.stock === 0} onClick={add}>
          {inBasket > 0 ? `In basket (${inBasket})` : "Add to basket"}
        </button>
        <button type="button" aria-controls={noteId} aria-expanded={expanded} onClick={() => setExpanded(!expanded)}>
          More
        </button>
      </footer>
    </article>
  );
}
