import { useEffect, useMemo } from "react";
import { sheetsNear, tileAt, type Tile } from "@/lib/player/storyboard";
import { clock } from "@/lib/time";

const WIDTH = 208;
const loaded = new Map<string, HTMLImageElement>();

/** Load sheets ahead; what is loaded stays in memory, so a preview never waits twice. */
function preload(sheets: readonly string[]) {
  for (const sheet of sheets) {
    if (loaded.has(sheet)) continue;
    const image = new Image();
    image.src = sheet;
    loaded.set(sheet, image);
  }
}

type Props = { tiles: readonly Tile[]; time: number; part: number; hand: string | null };

/** The picture of a moment above the timeline. `part`: where on the timeline, from 0 to 1. */
export function Preview({ tiles, time, part, hand }: Props) {
  const tile = tileAt(tiles, time);
  const sheets = useMemo(() => sheetsNear(tiles, time), [tiles, time]);
  useEffect(() => preload(sheets), [sheets]);
  const scale = tile ? WIDTH / tile.width : 1;
  const half = tile ? WIDTH / 2 : 60;
  return (
    <div
      aria-hidden
      data-preview={tile ? `${tile.sheet}#${tile.x},${tile.y}` : ""}
      className="pointer-events-none absolute bottom-full mb-1 grid -translate-x-1/2 justify-items-center gap-1"
      style={{ left: `clamp(${half}px, ${part * 100}%, calc(100% - ${half}px))` }}
    >
      {tile && (
        <div className="overflow-hidden rounded-card border border-white/30 bg-well" style={{ width: WIDTH, height: tile.height * scale }}>
          <div
            className="origin-top-left"
            style={{
              width: tile.width,
              height: tile.height,
              transform: `scale(${scale})`,
              backgroundImage: `url("${tile.sheet}")`,
              backgroundPosition: `-${tile.x}px -${tile.y}px`,
            }}
          />
        </div>
      )}
      <span className="tabular max-w-52 truncate rounded-card bg-scrim px-2 py-0.5 text-center text-xs text-white">
        {clock(time)}
        {hand && ` · ${hand}`}
      </span>
    </div>
  );
}
