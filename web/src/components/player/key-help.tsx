import { X } from "lucide-react";
import { useEffect, useRef } from "react";
import { KEY_LIST } from "@/lib/player/keys";
import { IconButton } from "./icon-button";
import { Switch } from "./skip-switches";
import type { PlayerWords } from "./words";

type Props = {
  open: boolean;
  letters: boolean;
  words: PlayerWords;
  onLetters: (on: boolean) => void;
  onClose: () => void;
};

/** All keys of the player, and the switch that turns those of one letter off. */
export function KeyHelp({ open, letters, words, onLetters, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return (
    <dialog
      ref={dialog}
      aria-labelledby="player-keys"
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
      className="m-auto max-h-[85dvh] w-[min(44rem,calc(100vw-2rem))] rounded-dialog border border-line bg-overlay p-0 text-text backdrop:bg-[black]/60"
    >
      <div className="grid gap-4 p-5">
        <div className="flex items-center justify-between">
          <h2 id="player-keys" className="text-lg font-semibold">
            {words.keys}
          </h2>
          <IconButton icon={X} label={words.close} onClick={onClose} className="text-text" />
        </div>
        <dl className="grid gap-x-8 sm:grid-cols-2">
          {KEY_LIST.map((entry) => (
            <div key={entry.does} className="flex min-h-9 items-center justify-between gap-4 border-b border-line py-1">
              <dt className="flex shrink-0 items-center gap-1">
                {entry.keys.map((key, place) => (
                  <span key={key} className="contents">
                    {place > 0 && "range" in entry && <span aria-hidden>–</span>}
                    <kbd className="rounded-[4px] border border-line-strong bg-raised px-1.5 py-0.5 font-sans text-xs">{key}</kbd>
                  </span>
                ))}
              </dt>
              <dd className="text-right text-sm text-muted">{words[`does_${entry.does}`]}</dd>
            </div>
          ))}
        </dl>
        <Switch label={words.letterKeys} note={words.letterKeysNote} keys="" on={letters} onChange={() => onLetters(!letters)} />
      </div>
    </dialog>
  );
}
