"use client";

import dynamic from "next/dynamic";
import { useEffect, useState } from "react";
import type { ChangeLabels } from "./change-labels";

const CardMenu = dynamic(() => import("./card-menu"), { ssr: false });

/** The menu of the buttons of all cards: one island for a page, so that cards need no scripts. */
export function CardActions({ labels }: { labels: ChangeLabels }) {
  const [button, setButton] = useState<HTMLElement | null>(null);

  useEffect(() => {
    function onClick(event: MouseEvent) {
      const pressed = (event.target as Element).closest<HTMLElement>("[data-more]");
      if (pressed) setButton(pressed);
    }
    document.addEventListener("click", onClick);
    return () => document.removeEventListener("click", onClick);
  }, []);

  if (!button) return null;
  // The event of closing comes late: by then another button may have opened the menu again.
  const close = () => setButton((now) => (now === button ? null : now));
  return <CardMenu button={button} labels={labels} onClose={close} />;
}
