"use client";

import { useEffect, useRef, type KeyboardEvent, type MouseEvent, type ReactNode } from "react";
import { ends, nearest } from "@/lib/row-steps";

const STEP = 0.9;

/** Arrow keys and buttons of all rows inside, so that the rows themselves need no scripts. */
export function RowNavigator({ children, className }: { children: ReactNode; className?: string }) {
  const root = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const stop = new AbortController();
    const update = () => rowsOf(root.current).forEach(showEnds);
    update();
    // Scroll events do not bubble.
    root.current?.addEventListener("scroll", (event) => showEnds(event.target as HTMLElement), {
      capture: true,
      passive: true,
      signal: stop.signal,
    });
    window.addEventListener("resize", update, { signal: stop.signal });
    return () => stop.abort();
  }, []);

  function onClick(event: MouseEvent<HTMLElement>) {
    const button = (event.target as HTMLElement).closest<HTMLElement>("[data-row-button]");
    const row = button?.closest("[data-row-section]")?.querySelector<HTMLElement>("[data-row]");
    if (!button || !row) return;
    const direction = button.dataset.rowButton === "back" ? -1 : 1;
    row.scrollBy({ left: direction * row.clientWidth * STEP, behavior: "smooth" });
  }

  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    const link = (event.target as HTMLElement).closest<HTMLElement>("[data-row] a");
    if (!link || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const next = target(event.key, link, rowsOf(root.current));
    if (!next) return;
    event.preventDefault();
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  return (
    <div ref={root} className={className} onClick={onClick} onKeyDown={onKeyDown}>
      {children}
    </div>
  );
}

function rowsOf(root: HTMLElement | null): HTMLElement[] {
  return [...(root?.querySelectorAll<HTMLElement>("[data-row]") ?? [])];
}

function linksOf(row: HTMLElement | undefined): HTMLElement[] {
  return [...(row?.querySelectorAll<HTMLElement>("a") ?? [])];
}

/** Return the link that a key leads to from another: in the row by order, between rows by place. */
function target(key: string, link: HTMLElement, rows: HTMLElement[]): HTMLElement | undefined {
  const index = rows.findIndex((row) => row.contains(link));
  const own = linksOf(rows[index]);
  if (key === "ArrowLeft") return own[own.indexOf(link) - 1];
  if (key === "ArrowRight") return own[own.indexOf(link) + 1];
  if (key !== "ArrowUp" && key !== "ArrowDown") return undefined;
  const others = linksOf(rows[index + (key === "ArrowUp" ? -1 : 1)]);
  return others[nearest(link.getBoundingClientRect(), others.map((other) => other.getBoundingClientRect()))];
}

function showEnds(row: HTMLElement) {
  if (!row.matches?.("[data-row]")) return;
  const reach = ends(row.scrollLeft, row.scrollWidth, row.clientWidth);
  row
    .closest("[data-row-section]")
    ?.querySelectorAll<HTMLButtonElement>("[data-row-button]")
    .forEach((button) => {
      button.disabled = !reach[button.dataset.rowButton as keyof typeof reach];
    });
}
