export type Box = { left: number; right: number };

/** Return the index of the box whose middle is nearest to that of `from`; -1 if there is none. */
export function nearest(from: Box, boxes: readonly Box[]): number {
  const middle = (box: Box) => (box.left + box.right) / 2;
  const distances = boxes.map((box) => Math.abs(middle(box) - middle(from)));
  return distances.indexOf(Math.min(...distances));
}

/** Return whether a row can scroll back and forward; a pixel is lost to rounding. */
export function ends(scrollLeft: number, scrollWidth: number, clientWidth: number) {
  return { back: scrollLeft > 1, forward: scrollLeft + clientWidth < scrollWidth - 1 };
}
