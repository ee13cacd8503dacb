export type Piece = { text: string; found: boolean };

const ENTITIES: Record<string, string> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#34;": '"',
  "&#39;": "'",
  "&#x27;": "'",
};

/** Return the pieces of a highlighted field of the API: escaped HTML with `<em>` and nothing else. */
export function piecesOf(html: string): Piece[] {
  return html
    .split(/(<em>.*?<\/em>)/s)
    .filter((part) => part !== "")
    .map((part) => {
      const inner = /^<em>(.*)<\/em>$/s.exec(part)?.[1];
      return { text: unescape(inner ?? part), found: inner !== undefined };
    });
}

function unescape(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#34|#39|#x27);/g, (entity) => ENTITIES[entity] ?? entity);
}
