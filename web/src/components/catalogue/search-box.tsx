"use client";

import { Search } from "lucide-react";
import dynamic from "next/dynamic";
import Form from "next/form";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import type { Option } from "./suggestions";

const Suggestions = dynamic(() => import("./suggestions"), { ssr: false });

type LabelName = "label" | "placeholder" | "submit" | "suggestions" | "all" | "player" | "series";
export type SearchLabels = Record<LabelName, string>;
type Props = { labels: SearchLabels; inHeader?: boolean; shortcut?: boolean; autoFocus?: boolean };

/** A form that works without scripts; with them, a combobox of suggestions (APG, list autocomplete). */
export function SearchBox({ labels, inHeader = false, shortcut = false, autoFocus = false }: Props) {
  const router = useRouter();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const q = useSearchedWords();
  const [given, setGiven] = useState(q);
  const [text, setText] = useState(q);
  const [open, setOpen] = useState(false);
  const [options, setOptions] = useState<Option[]>([]);
  const [active, setActive] = useState(-1);
  const shown = open && text.trim() !== "";
  // The header outlives the page: its box follows the address.
  if (given !== q) {
    setGiven(q);
    setText(q);
  }

  useEffect(() => {
    if (!shortcut) return;
    function onKeyDown(event: globalThis.KeyboardEvent) {
      const field = (event.target as HTMLElement).closest("input, textarea, select, [contenteditable]");
      if (event.key !== "/" || field || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    }
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [shortcut]);

  function close() {
    setOpen(false);
    setActive(-1);
  }
  function follow(option: Option) {
    close();
    router.push(option.href);
  }
  function onKeyDown(event: KeyboardEvent) {
    const chosen = options[active];
    if (event.key === "Escape" && shown) {
      event.preventDefault();
      close();
    } else if (event.key === "Enter" && shown && chosen) {
      event.preventDefault();
      follow(chosen);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      // One place more than there are options: back in the field.
      const places = options.length + 1;
      const step = event.key === "ArrowDown" ? 1 : -1;
      setActive(((active + 1 + step + places) % places) - 1);
    }
  }

  return (
    <Form
      action="/search"
      role="search"
      aria-label={inHeader ? undefined : labels.submit}
      prefetch={false}
      onSubmit={close}
      onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && close()}
      className="relative"
    >
      <Search aria-hidden className="pointer-events-none absolute top-3 left-3 size-5 text-muted" />
      <input
        ref={input}
        type="search"
        name="q"
        value={text}
        maxLength={500}
        autoComplete="off"
        autoFocus={autoFocus}
        placeholder={labels.placeholder}
        enterKeyHint="search"
        role="combobox"
        aria-label={labels.label}
        aria-expanded={shown && options.length > 0}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={shown && active >= 0 ? `${id}-${active}` : undefined}
        aria-keyshortcuts={shortcut ? "/" : undefined}
        onFocus={() => setOpen(text !== q)}
        onChange={(event) => {
          setText(event.target.value);
          setActive(-1);
          setOpen(true);
        }}
        onKeyDown={onKeyDown}
        className="min-h-11 w-full rounded-card border border-line-strong bg-well pr-3 pl-10 text-base placeholder:text-muted md:text-sm"
      />
      <button className="sr-only">{labels.submit}</button>
      {shown && <Suggestions id={id} text={text.trim()} labels={labels} active={active} onOptions={setOptions} onFollow={follow} />}
    </Form>
  );
}

/** Return the words that the present page searches for. */
function useSearchedWords(): string {
  const [path, query] = [usePathname(), useSearchParams()];
  return path === "/search" ? (query.get("q") ?? "").trim() : "";
}
