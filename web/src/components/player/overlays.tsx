import { Play } from "lucide-react";

/** What a command did, shortly; screen readers hear it. */
export function Note({ text }: { text: string }) {
  return (
    <p role="status" className="pointer-events-none absolute inset-x-0 top-[18%] z-20 flex justify-center">
      {text && <span data-note className="tabular max-w-[80%] rounded-card bg-scrim px-4 py-2 text-center text-sm text-white lg:text-base">{text}</span>}
    </p>
  );
}

export function Banner({ text }: { text: string }) {
  return (
    <p role="status" className="absolute inset-x-0 top-1/2 z-20 mt-12 text-center text-sm text-white">
      <span className="rounded-card bg-scrim px-3 py-2">{text}</span>
    </p>
  );
}

export function BigPlay({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <button
      type="button"
      aria-label={label}
      onClick={onClick}
      className="absolute top-1/2 left-1/2 z-10 inline-flex size-16 -translate-1/2 items-center justify-center rounded-full bg-scrim text-white hover:bg-[black] lg:size-20"
    >
      <Play aria-hidden className="size-8 translate-x-0.5 fill-current" />
    </button>
  );
}

export function Spinner({ label }: { label: string }) {
  return (
    <div role="img" aria-label={label} className="pointer-events-none absolute top-1/2 left-1/2 z-10 -translate-1/2 opacity-0 [animation:player-wait_0s_400ms_forwards]">
      <div className="size-12 animate-spin rounded-full border-4 border-white/25 border-t-white" />
    </div>
  );
}
