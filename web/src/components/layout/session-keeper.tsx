"use client";

import { useEffect } from "react";
import { openAuthChannel } from "@/lib/auth/channel";
import { ensureFresh } from "@/lib/auth/renewal";
import { renewalDelay } from "@/lib/auth/schedule";

// A full load: nothing of the signed-in pages stays in memory.
function leave() {
  // eslint-disable-next-line @next/next/no-location-assign-relative-destination
  window.location.assign("/sign-in");
}

/** Keeps the sign-in of an open page alive, and leaves the page when another tab signs out. */
export function SessionKeeper() {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const stop = new AbortController();
    const channel = openAuthChannel(leave);

    async function renew() {
      clearTimeout(timer);
      if (document.visibilityState === "visible") await ensureFresh();
      if (stop.signal.aborted) return;
      clearTimeout(timer);
      timer = setTimeout(renew, renewalDelay(document.cookie, Date.now() / 1000));
    }
    function onSubmit(event: SubmitEvent) {
      if (event.target instanceof HTMLFormElement && "signOut" in event.target.dataset) {
        channel.announce("signed-out");
      }
    }

    void renew();
    document.addEventListener("visibilitychange", renew, stop);
    window.addEventListener("online", renew, stop);
    document.addEventListener("submit", onSubmit, stop);
    return () => {
      stop.abort();
      clearTimeout(timer);
      channel.close();
    };
  }, []);
  return null;
}
