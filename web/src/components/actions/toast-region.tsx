"use client";

import { X } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";
import { closeToast, currentToast, subscribeToasts } from "@/lib/toasts";

const SHOWN_MS = 10_000;

/** What was just changed, with a way back. It stays while it is pointed at or has the focus. */
export function ToastRegion({ undo, close }: { undo: string; close: string }) {
  const toast = useSyncExternalStore(subscribeToasts, currentToast, () => null);
  const [held, setHeld] = useState(false);

  useEffect(() => {
    if (!toast || held) return;
    const timer = setTimeout(closeToast, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [toast, held]);

  return (
    <div
      role="status"
      className="pointer-events-none fixed inset-x-0 bottom-4 z-30 flex justify-center px-4"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      {toast && (
        <div
          key={toast.number}
          data-slot="toast"
          className="pointer-events-auto flex min-h-12 items-center gap-1 rounded-dialog border border-line-strong bg-overlay pr-1 pl-4 text-sm"
        >
          <p className="py-2 pr-2">{toast.text}</p>
          {toast.undo && (
            <button
              type="button"
              onClick={() => {
                setHeld(false);
                closeToast();
                toast.undo?.();
              }}
              className="min-h-11 shrink-0 rounded-card px-3 font-medium text-accent hover:bg-accent-soft"
            >
              {undo}
            </button>
          )}
          <button
            type="button"
            aria-label={close}
            onClick={() => {
              setHeld(false);
              closeToast();
            }}
            className="grid size-11 shrink-0 place-items-center text-muted hover:text-text"
          >
            <X aria-hidden className="size-4" />
          </button>
        </div>
      )}
    </div>
  );
}
