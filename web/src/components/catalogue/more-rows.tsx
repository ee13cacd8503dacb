"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect, useRef } from "react";

/** A link to the page with all rows, which follows itself when it comes near. */
export function MoreRows({ href, label }: { href: string; label: string }) {
  const link = useRef<HTMLAnchorElement>(null);
  const router = useRouter();

  useEffect(() => {
    const watcher = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        watcher.disconnect();
        router.replace(href, { scroll: false });
      },
      { rootMargin: "0px 0px 800px" },
    );
    if (link.current) watcher.observe(link.current);
    return () => watcher.disconnect();
  }, [href, router]);

  return (
    <div className="page">
      <Link
        ref={link}
        href={href}
        prefetch={false}
        scroll={false}
        className="inline-flex min-h-11 items-center rounded-card border border-line-strong px-5 text-sm"
      >
        {label}
      </Link>
    </div>
  );
}
