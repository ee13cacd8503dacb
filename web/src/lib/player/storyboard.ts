export type Tile = { start: number; end: number; sheet: string; x: number; y: number; width: number; height: number };

const TIMES = /^([\d:.]+)\s+-->\s+([\d:.]+)/;
const AREA = /^(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)$/;

/** Return the tiles of a storyboard's index (WebVTT with areas of sheets); lines that it cannot read are left out. */
export function parseStoryboard(text: string, address: string): Tile[] {
  const lines = text.split(/\r?\n/);
  return lines.flatMap((line, number) => {
    const times = TIMES.exec(line);
    const area = AREA.exec(lines[number + 1]?.trim() ?? "");
    if (!times || !area) return [];
    const [x, y, width, height] = area.slice(2).map(Number) as [number, number, number, number];
    const sheet = new URL(area[1] ?? "", address).href;
    return [{ start: secondsOf(times[1] ?? ""), end: secondsOf(times[2] ?? ""), sheet, x, y, width, height }];
  });
}

function secondsOf(time: string): number {
  return time.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

/** Return the tile at this time; after the last one, the last. */
export function tileAt(tiles: readonly Tile[], time: number): Tile | null {
  let [low, high] = [0, tiles.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (time < (tiles[middle]?.end ?? 0)) high = middle;
    else low = middle + 1;
  }
  return tiles[low] ?? null;
}

/** Return the addresses of the sheet at this time and of its neighbours, nearest first. */
export function sheetsNear(tiles: readonly Tile[], time: number): string[] {
  const sheets = [...new Set(tiles.map((tile) => tile.sheet))];
  const here = tileAt(tiles, time);
  if (!here) return [];
  const at = sheets.indexOf(here.sheet);
  return [sheets[at], sheets[at + 1], sheets[at - 1]].filter((sheet) => sheet !== undefined);
}
