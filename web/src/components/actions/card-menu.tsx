"use client";

import { useEffect, useRef, type KeyboardEvent } from "react";
import { marksOf } from "@/lib/card-marks";
import type { ChangeLabels } from "./change-labels";
import { useChange } from "./use-change";

type Props = { button: HTMLElement; labels: ChangeLabels; onClose: () => void };
type Item = { label: string; run: () => void; leaves?: boolean };

const GAP = 4;

/** What can be done with the title of a card (APG, menu button). */
export default function CardMenu({ button, labels, onClose }: Props) {
  const menu = useRef<HTMLDivElement>(null);
  const { change, forget } = useChange(labels);
  const items = itemsOf(button, labels, change, forget);

  useEffect(() => {
    const element = menu.current;
    if (!element) return;
    button.setAttribute("aria-expanded", "true");
    element.showPopover();
    place(element, button);
    element.querySelector("button")?.focus();
    return () => button.removeAttribute("aria-expanded");
  }, [button]);

  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    const all = [...event.currentTarget.querySelectorAll("button")];
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      all.at(next % all.length)?.focus();
    } else if (event.key === "Tab") {
      menu.current?.hidePopover();
    }
  }

  function choose({ run, leaves }: Item) {
    menu.current?.hidePopover();
    // The card will not be there any more; its neighbour gets the focus.
    if (leaves) neighbourOf(button)?.focus();
    run();
  }

  return (
    <div
      ref={menu}
      popover="auto"
      role="menu"
      aria-label={button.getAttribute("aria-label") ?? undefined}
      onKeyDown={onKeyDown}
      onToggle={(event) => event.newState === "closed" && onClose()}
      className="fixed inset-auto m-0 w-max max-w-[90vw] rounded-dialog border border-line-strong bg-overlay p-1 text-text"
    >
      {items.map((item) => (
        <button
          key={item.label}
          type="button"
          role="menuitem"
          tabIndex={-1}
          onClick={() => choose(item)}
          className="flex min-h-11 w-full items-center rounded-card px-3 text-left text-sm hover:bg-accent-soft focus-visible:bg-accent-soft"
        >
          {item.label}
        </button>
      ))}
    </div>
  );
}

type Changes = ReturnType<typeof useChange>;

function itemsOf(button: HTMLElement, labels: ChangeLabels, change: Changes["change"], forget: Changes["forget"]): Item[] {
  const id = button.parentElement?.querySelector("a")?.getAttribute("href")?.split("/").at(-1) ?? "";
  const { inList, watched, inRow, ofList, inHistory } = marksOf(button.dataset.more ?? "");
  const items: Item[] = [
    { label: labels.do.list[inList ? "off" : "on"], run: () => void change("list", id, !inList), leaves: inList && ofList },
    { label: labels.do.watched[watched ? "off" : "on"], run: () => void change("watched", id, !watched), leaves: inRow },
  ];
  if (inRow) items.push({ label: labels.do.row, run: () => void change("row", id, false), leaves: true });
  if (inHistory) items.push({ label: labels.do.history, run: () => void forget(id), leaves: true });
  return items;
}

function neighbourOf(button: HTMLElement): HTMLElement | null | undefined {
  const item = button.closest("li");
  return (item?.nextElementSibling ?? item?.previousElementSibling)?.querySelector("a");
}

/** Put the menu below its button, or above where there is no room. */
function place(menu: HTMLElement, button: HTMLElement) {
  const [box, size] = [button.getBoundingClientRect(), menu.getBoundingClientRect()];
  const below = box.bottom + GAP + size.height <= window.innerHeight;
  menu.style.top = `${below ? box.bottom + GAP : Math.max(GAP, box.top - GAP - size.height)}px`;
  menu.style.left = `${Math.max(GAP, Math.min(box.right - size.width, window.innerWidth - size.width - GAP))}px`;
}
