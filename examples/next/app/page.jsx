// Rendered for each request, as what it shows depends on it.
export default async function Page({ searchParams }) {
  const { name = "machine" } = await searchParams;
  return <h1>Hello from a fresh {name}</h1>;
}
