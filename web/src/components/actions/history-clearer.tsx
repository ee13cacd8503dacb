"use client";

import { useRouter } from "next/navigation";
import { useRef } from "react";
import { Button } from "@/components/ui/button";
import { showToast } from "@/lib/toasts";

type Props = { labels: Record<"open" | "question" | "confirm" | "cancel" | "done" | "failed", string> };

/** Removes the whole history, after a question: this cannot be undone. */
export function HistoryClearer({ labels }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const router = useRouter();

  async function clear() {
    dialog.current?.close();
    try {
      const { forgetAllViews } = await import("@/lib/api/changes");
      await forgetAllViews();
      showToast({ text: labels.done });
      router.refresh();
    } catch {
      showToast({ text: labels.failed });
    }
  }

  return (
    <>
      <Button variant="secondary" size="small" className="hidden scripted:inline-flex" onClick={() => dialog.current?.showModal()}>
        {labels.open}
      </Button>
      <dialog
        ref={dialog}
        aria-labelledby="clear-history"
        className="m-auto max-w-md rounded-dialog border border-line-strong bg-overlay p-6 text-text backdrop:bg-scrim"
      >
        <p id="clear-history" className="pb-6">
          {labels.question}
        </p>
        <div className="flex flex-wrap justify-end gap-3">
          <Button variant="secondary" autoFocus onClick={() => dialog.current?.close()}>
            {labels.cancel}
          </Button>
          <Button variant="danger" onClick={clear}>
            {labels.confirm}
          </Button>
        </div>
      </dialog>
    </>
  );
}
