import { Volume1, Volume2, VolumeX } from "lucide-react";
import type { Film } from "@/lib/player/film";
import { IconButton } from "./icon-button";
import { useFilm } from "./use-film";
import type { PlayerWords } from "./words";

type Props = { film: Film; words: PlayerWords; onChange: (volume: number) => void };

export function Volume({ film, words, onChange }: Props) {
  const volume = useFilm(film, (view) => (view.muted ? 0 : view.volume));
  const muted = useFilm(film, (view) => view.muted);
  const icon = volume === 0 ? VolumeX : volume < 0.5 ? Volume1 : Volume2;
  return (
    // Phones have buttons for it.
    <div className="flex items-center max-sm:hidden">
      <IconButton icon={icon} label={muted ? words.unmute : words.mute} keys="M" onClick={() => film.setMuted(!muted)} />
      <input
        type="range"
        min={0}
        max={1}
        step={0.05}
        value={volume}
        aria-label={words.volume}
        aria-valuetext={`${Math.round(volume * 100)}%`}
        onChange={(event) => onChange(film.setVolume(Number(event.target.value)))}
        className="h-11 w-20 cursor-pointer accent-accent max-md:hidden"
      />
    </div>
  );
}
