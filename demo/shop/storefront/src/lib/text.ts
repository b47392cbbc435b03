const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Write a text so that HTML shows it as it is. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]);
}

/** Find all places of a word, regardless of its case. */
export function wordFinder(word: string): RegExp {
  const literal = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(literal, "gi");
}

/** The price as people write it. */
export function euros(cents: number): string {
  return `${(cents / 100).toFixed(2).replace(".", ",")} €`;
}
