"use client";

import { QueryClient, QueryClientProvider, keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { browserApi } from "@/lib/api/browser";
import { dataOf } from "@/lib/api/failure";
import { cn } from "@/lib/cn";
import { Highlighted } from "./highlighted";
import type { SearchLabels } from "./search-box";

export type Option = { key: string; href: string; html?: string; text?: string; kind?: string; last?: boolean };
type Props = {
  id: string;
  text: string;
  labels: SearchLabels;
  active: number;
  onOptions: (options: Option[]) => void;
  onFollow: (option: Option) => void;
};

const LIMIT = 6;
const PAUSE_MS = 120;
const client = new QueryClient({ defaultOptions: { queries: { staleTime: 60_000, retry: false } } });

export default function Suggestions(props: Props) {
  return (
    <QueryClientProvider client={client}>
      <List {...props} />
    </QueryClientProvider>
  );
}

function List({ id, text, labels, active, onOptions, onFollow }: Props) {
  const q = useSettled(text);
  const { data } = useQuery({
    queryKey: ["suggest", q],
    queryFn: ({ signal }) => dataOf(browserApi.GET("/api/search/suggest", { params: { query: { q, limit: LIMIT } }, signal })),
    placeholderData: keepPreviousData,
  });
  const options = useMemo<Option[]>(
    () => [
      ...(data?.players ?? []).map(({ key, name }) => ({
        key: `player ${key}`,
        href: `/players/${encodeURIComponent(key)}`,
        text: name,
        kind: labels.player,
      })),
      ...(data?.series ?? []).map(({ id, title }) => ({
        key: id,
        href: `/series/${id}`,
        text: title,
        kind: labels.series,
      })),
      ...(data?.items ?? []).map((item) => ({ key: item.id, href: `/title/${item.id}`, html: item.highlights.title })),
      { key: "all", href: `/search?q=${encodeURIComponent(text)}`, text: labels.all.replace("{q}", text), last: true },
    ],
    [data, text, labels],
  );
  useEffect(() => onOptions(options), [options, onOptions]);

  return (
    <ul
      id={`${id}-list`}
      role="listbox"
      aria-label={labels.suggestions}
      className="absolute inset-x-0 top-full z-20 mt-1 rounded-dialog border border-line-strong bg-overlay p-1"
    >
      {options.map((option, index) => (
        <li
          key={option.key}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === active}
          // The field keeps the focus.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onFollow(option)}
          className={cn(
            "flex cursor-pointer items-baseline gap-3 rounded-card px-3 py-2.5 text-sm hover:bg-accent-soft",
            index === active && "bg-accent-soft",
            option.last && "text-muted",
          )}
        >
          <span className="min-w-0 grow">{option.html ? <Highlighted html={option.html} /> : option.text}</span>
          {option.kind && <span className="shrink-0 text-xs text-muted">{` ${option.kind}`}</span>}
        </li>
      ))}
    </ul>
  );
}

/** Return the text once it has not changed for a moment: not every letter is a request. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
