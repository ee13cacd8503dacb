import { piecesOf } from "@/lib/highlight";

/** A field of the search with the words that were found. */
export function Highlighted({ html }: { html: string }) {
  return piecesOf(html).map((piece, index) =>
    piece.found ? (
      <mark key={index} className="bg-transparent font-semibold text-accent">
        {piece.text}
      </mark>
    ) : (
      piece.text
    ),
  );
}
