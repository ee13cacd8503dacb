type Channel = { constant: number; scale: number; columns: number; rows: number };

// Where the three colours are taken, as parts of the width.
const PLACES = [1 / 6, 1 / 2, 5 / 6];

/**
 * Return three colours of a ThumbHash (https://evanw.github.io/thumbhash/), from left to right, as CSS.
 *
 * A card has room for a gradient in its HTML, and none for an image of 32 × 18 pixels. Each colour is the mean of
 * its column, so only the cosines along the width matter.
 */
export function coloursOf(base64: string): string | null {
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length < 8) return null;
  const at = (index: number) => bytes[index] ?? 0;
  const [head, tail] = [at(0) | (at(1) << 8) | (at(2) << 16), at(3) | (at(4) << 8)];
  const [alpha, landscape, count] = [head >> 23 !== 0, tail >> 15 !== 0, tail & 7];
  const most = alpha ? 5 : 7;
  const channels: Channel[] = [
    {
      constant: (head & 63) / 63,
      scale: ((head >> 18) & 31) / 31,
      columns: Math.max(3, landscape ? most : count),
      rows: Math.max(3, landscape ? count : most),
    },
    { constant: ((head >> 6) & 63) / 31.5 - 1, scale: (((tail >> 3) & 63) / 63) * 1.25, columns: 3, rows: 3 },
    { constant: ((head >> 12) & 63) / 31.5 - 1, scale: (((tail >> 9) & 63) / 63) * 1.25, columns: 3, rows: 3 },
  ];
  let nibble = (alpha ? 6 : 5) * 2;
  const means = channels.map(({ constant, scale, columns, rows }) => {
    const factors = Array.from({ length: columns - 1 }, (_, index) => {
      const place = nibble + index;
      return (((at(place >> 1) >> ((place & 1) << 2)) & 15) / 7.5 - 1) * scale;
    });
    nibble += factorCount(columns, rows);
    return PLACES.map((x) => factors.reduce((sum, factor, index) => sum + factor * Math.cos(Math.PI * x * (index + 1)), constant));
  });
  return PLACES.map((_, index) => hex(means.map((mean) => mean[index] ?? 0))).join(",");
}

/** Return how many factors a channel has besides its constant. */
function factorCount(columns: number, rows: number): number {
  let count = 0;
  for (let y = 0; y < rows; y++) for (let x = y ? 0 : 1; x * rows < columns * (rows - y); x++) count++;
  return count;
}

function hex([lightness = 0, p = 0, q = 0]: number[]): string {
  const blue = lightness - (2 / 3) * p;
  const red = (3 * lightness - blue + q) / 2;
  const digit = (value: number) => Math.round(15 * Math.min(1, Math.max(0, value))).toString(16);
  return `#${digit(red)}${digit(red - q)}${digit(blue)}`;
}
