import type { PlayerTitle } from "@/components/player/player";
import type { StreamInfo, Title } from "@/lib/api/catalogue";

const USUAL_FRAME_RATE = 25;

/** Return what the player has to know of a title, and no more: it is sent along with the page. */
export function playerTitle(title: Title, info: StreamInfo): PlayerTitle {
  const hands = info.hands.map((hand) => ({
    index: hand.hand_index,
    start: hand.start_seconds,
    end: hand.end_seconds,
    best: hand.is_best,
    title: hand.title,
    players: hand.players ?? [],
    pot: hand.pot_size,
  }));
  const rate = title.files.find((file) => file.playability === "direct" && file.frame_rate)?.frame_rate;
  const neighbour = (one: Title["next"]) => one && { id: one.id, title: one.title };
  return {
    id: title.id,
    title: title.title,
    series: title.series?.title ?? null,
    poster: title.urls.poster,
    storyboard: info.storyboard_index,
    duration: info.total_seconds ?? 0,
    frameRate: rate ?? USUAL_FRAME_RATE,
    hands: hands.sort((a, b) => a.start - b.start),
    previous: neighbour(title.previous),
    next: neighbour(title.next),
  };
}
