import { useSyncExternalStore } from "react";
import { isFullscreen } from "@/lib/player/screen";

function subscribe(changed: () => void) {
  document.addEventListener("fullscreenchange", changed);
  return () => document.removeEventListener("fullscreenchange", changed);
}

export function useFullscreen(): boolean {
  return useSyncExternalStore(subscribe, isFullscreen, () => false);
}
