"use client";

import { useEffect } from "react";

const WAIT_MS = 400;
const FRAME_MS = 500;
const CAPABLE = "(hover: hover) and (pointer: fine) and (prefers-reduced-motion: no-preference)";

/** Still frames of a title while its card is pointed at: once through, within five seconds (WCAG 2.2.2). */
export function HoverPreviews() {
  useEffect(() => {
    if (!window.matchMedia(CAPABLE).matches) return;
    let card: Element | null = null;
    let stop = () => {};

    function onPointerOver(event: PointerEvent) {
      const next = (event.target as Element).closest(".card");
      if (next === card) return;
      stop();
      card = next;
      const poster = card?.querySelector<HTMLElement>(".poster[data-frames]");
      if (poster) stop = begin(poster);
    }
    function onLeave() {
      stop();
      card = null;
    }

    document.addEventListener("pointerover", onPointerOver);
    document.documentElement.addEventListener("pointerleave", onLeave);
    return () => {
      stop();
      document.removeEventListener("pointerover", onPointerOver);
      document.documentElement.removeEventListener("pointerleave", onLeave);
    };
  }, []);
  return null;
}

/** Show the preview of a poster after a moment; return the function that ends it. */
function begin(poster: HTMLElement): () => void {
  const frames = Number(poster.dataset.frames);
  const address = poster.querySelector("img")?.src.replace(/\/poster\/\d+\.webp/, "/preview.webp");
  if (!address || !(frames > 1)) return () => {};
  let stepper: ReturnType<typeof setInterval>;
  const image = new Image();
  const timer = setTimeout(() => {
    image.src = address;
    image.onload = () => {
      let frame = 0;
      poster.style.setProperty("--strip", `url("${address}")`);
      poster.style.setProperty("--frames", String(frames));
      const show = () => {
        if (frame === frames) return end();
        poster.style.setProperty("--place", `${(frame / (frames - 1)) * 100}%`);
        frame += 1;
      };
      show();
      poster.classList.add("previewing");
      stepper = setInterval(show, FRAME_MS);
    };
  }, WAIT_MS);

  function end() {
    clearTimeout(timer);
    clearInterval(stepper);
    image.onload = null;
    poster.classList.remove("previewing");
  }
  return end;
}
