"use client";

import { BookmarkPlus, X } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState, type FormEvent } from "react";
import { showToast } from "@/lib/toasts";

type SaverProps = { query: string; labels: Record<"name" | "save" | "open" | "done" | "failed", string> };

/** Names the filters that are set. A name that exists gets the new filters. */
export function FilterSaver({ query, labels }: SaverProps) {
  const [open, setOpen] = useState(false);
  const router = useRouter();

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name")).trim();
    if (!name) return;
    try {
      const { changeFilters } = await import("@/lib/api/changes");
      await changeFilters((filters) => [...filters.filter((filter) => filter.name !== name), { name, query }]);
      setOpen(false);
      showToast({ text: labels.done });
      router.refresh();
    } catch {
      showToast({ text: labels.failed });
    }
  }

  if (!open) {
    return (
      <button
        type="button"
        onClick={() => setOpen(true)}
        className="-ml-2 hidden min-h-9 items-center gap-2 rounded-card px-2 text-sm text-muted hover:bg-raised hover:text-text scripted:flex"
      >
        <BookmarkPlus aria-hidden className="size-4" />
        {labels.open}
      </button>
    );
  }
  return (
    <form onSubmit={onSubmit} className="flex gap-2" onKeyDown={(event) => event.key === "Escape" && setOpen(false)}>
      <input
        name="name"
        aria-label={labels.name}
        placeholder={labels.name}
        maxLength={60}
        required
        autoFocus
        autoComplete="off"
        className="min-h-9 min-w-0 grow rounded-card border border-line-strong bg-well px-2 text-sm placeholder:text-muted"
      />
      <button className="min-h-9 shrink-0 rounded-card border border-line-strong bg-raised px-3 text-sm hover:bg-overlay">{labels.save}</button>
    </form>
  );
}

type RemoverProps = { name: string; label: string; done: string; failed: string };

export function FilterRemover({ name, label, done, failed }: RemoverProps) {
  const router = useRouter();

  async function remove() {
    try {
      const { changeFilters } = await import("@/lib/api/changes");
      await changeFilters((filters) => filters.filter((filter) => filter.name !== name));
      showToast({ text: done });
      router.refresh();
    } catch {
      showToast({ text: failed });
    }
  }

  return (
    <button type="button" aria-label={label} onClick={remove} className="hidden size-9 shrink-0 place-items-center text-muted hover:text-text scripted:grid">
      <X aria-hidden className="size-4" />
    </button>
  );
}
