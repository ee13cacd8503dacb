import { useCallback, useRef, useState } from "react";
import { readStoryboard } from "@/lib/player/calls";
import { parseStoryboard, type Tile } from "@/lib/player/storyboard";

/** Return the tiles of a storyboard, read when the viewer first approaches the timeline. */
export function useStoryboard(address: string | null) {
  const [tiles, setTiles] = useState<readonly Tile[]>([]);
  const asked = useRef(false);
  const approach = useCallback(() => {
    if (asked.current || address === null) return;
    asked.current = true;
    readStoryboard(address)
      .then((text) => setTiles(parseStoryboard(text, new URL(address, window.location.href).href)))
      // The next approach tries again.
      .catch(() => (asked.current = false));
  }, [address]);
  return { tiles, approach };
}
