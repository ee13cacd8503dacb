/** Spines on a shelf, one of them lit. */
export function Logo() {
  return (
    <span className="inline-flex items-center gap-2.5 text-lg font-semibold tracking-wide">
      <svg viewBox="0 0 24 24" aria-hidden className="size-6">
        <rect x="3" y="4" width="4" height="16" rx="1" fill="var(--muted)" />
        <rect x="10" y="2" width="4" height="18" rx="1" fill="var(--accent)" />
        <rect x="17" y="6" width="4" height="14" rx="1" fill="var(--muted)" />
        <rect x="1" y="21" width="22" height="1.5" rx=".75" fill="var(--line-strong)" />
      </svg>
      <span className="max-[22rem]:sr-only">WSOPTV</span>
    </span>
  );
}
