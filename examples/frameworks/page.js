// What each of the servers here answers.
export const hello = "Hello from a fresh machine\n";

const row = (_, i) => `<tr><td>${i}</td><td>Item ${i}</td><td>${(i * 7919) % 10007}</td><td>in stock</td></tr>`;

/** About 30 KB. */
export const page = `<!DOCTYPE html>
<title>Items</title>
<table>
${Array.from({ length: 450 }, row).join("\n")}
</table>
`;
