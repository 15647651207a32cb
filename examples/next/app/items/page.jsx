export const dynamic = "force-dynamic";

export default function Items() {
  return (
    <ul>
      {Array.from({ length: 300 }, (_, i) => (
        <li key={i}>
          Item {i}: {(i * 7919) % 10007} pieces in stock
        </li>
      ))}
    </ul>
  );
}
