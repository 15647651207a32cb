import { createContext, useContext, useMemo, useReducer } from "react";

const BasketContext = createContext(null);

function reduce(lines, action) {
  switch (action.type) {
    case "add":
      return { ...lines, [action.id]: (lines[action.id] ?? 0) + 1 };
    case "remove": {
      const { [action.id]: _, ...rest } = lines;
      return rest;
    }
    default:
      throw new Error(`unknown basket action ${action.type}`);
  }
}

export function BasketProvider({ initial, children }) {
  const [lines, dispatch] = useReducer(reduce, initial);
  const basket = useMemo(() => ({ lines, dispatch }), [lines]);
  return <BasketContext value={basket}>{children}</BasketContext>;
}

export function useBasket() {
  const basket = useContext(BasketContext);
  if (basket === null) throw new Error("useBasket is used outside of BasketProvider");
  return basket;
}
