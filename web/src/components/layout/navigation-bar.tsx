"use client";

import { usePathname, useSearchParams } from "next/navigation";
import { useEffect, useState } from "react";

/** A thin bar while the next page is on its way; quick pages come before it shows. */
export function NavigationBar() {
  const address = `${usePathname()}?${useSearchParams()}`;
  const [shown, setShown] = useState(address);
  const [leaving, setLeaving] = useState(false);
  if (shown !== address) {
    setShown(address);
    setLeaving(false);
  }

  useEffect(() => {
    function onClick(event: MouseEvent) {
      if (opensHere(event)) setLeaving(true);
    }
    document.addEventListener("click", onClick);
    return () => document.removeEventListener("click", onClick);
  }, []);

  return leaving && <div aria-hidden className="navigation-bar" />;
}

/** Return whether a click leads to another page of this site, in this tab. */
function opensHere(event: MouseEvent): boolean {
  const link = (event.target as Element).closest<HTMLAnchorElement>("a[href]");
  if (!link || link.target || event.button !== 0) return false;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return false;
  const [to, here] = [new URL(link.href), window.location];
  return to.origin === here.origin && to.pathname + to.search !== here.pathname + here.search;
}
