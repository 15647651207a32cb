// A made-up shop. Everything is computed without randomness or time, so a page's bytes depend on its URL alone.
const families = [
  { name: "Kettle", category: "Kitchen", price: 34, weight: 900, note: "pours slowly and without a drip" },
  { name: "Lantern", category: "Camp", price: 48, weight: 640, note: "burns for nine hours on one filling" },
  { name: "Notebook", category: "Desk", price: 12, weight: 210, note: "lies flat on every page" },
  { name: "Hatchet", category: "Workshop", price: 56, weight: 780, note: "comes with a leather sheath" },
  { name: "Blanket", category: "Camp", price: 72, weight: 1350, note: "is woven from undyed wool" },
  { name: "Skillet", category: "Kitchen", price: 41, weight: 1900, note: "arrives seasoned & ready to use" },
  { name: "Plane", category: "Workshop", price: 95, weight: 1120, note: "has a blade that holds its edge" },
  { name: "Lamp", category: "Desk", price: 64, weight: 830, note: "dims without a flicker" },
];

const makers = ["Northfold", "Alder & Sons", "Brackwater", "Quill Works", "Harrow"];

export const products = Array.from({ length: 40 }, (_, index) => {
  const family = families[index % families.length];
  const series = 1 + Math.floor(index / families.length);
  return {
    id: `p${1000 + index}`,
    name: `${family.name} No. ${series}`,
    category: family.category,
    maker: makers[index % makers.length],
    priceCents: family.price * 100 + series * 350 - (index % 3) * 25,
    weightGrams: family.weight + series * 15,
    stock: (index * 7) % 23,
    rating: 3 + ((index * 5) % 9) / 4,
    reviews: 4 + ((index * 37) % 180),
    tags: ["new", "repairable", "best seller", "made to order"].filter((_, tag) => (index + tag) % 3 === 0),
    note: `The ${family.name.toLowerCase()} ${family.note}.`,
  };
});

export const categories = [...new Set(products.map((product) => product.category))].sort();
