"use client";

import { Check, ListPlus, ListX, RotateCcw } from "lucide-react";
import { Button } from "@/components/ui/button";
import type { ChangeLabels } from "./change-labels";
import { useChange } from "./use-change";

type Props = { id: string; inList: boolean; watched: boolean; labels: ChangeLabels };

/** The list and the mark of a title. Without scripts they are absent; all else of the page works. */
export function TitleActions({ id, inList, watched, labels }: Props) {
  const { change } = useChange(labels);
  const [ListIcon, WatchedIcon] = [inList ? ListX : ListPlus, watched ? RotateCcw : Check];
  return (
    <div className="hidden flex-wrap gap-1 scripted:flex">
      <Button variant="ghost" className="-ml-3 px-3 text-sm" onClick={() => void change("list", id, !inList)}>
        <ListIcon aria-hidden />
        {labels.do.list[inList ? "off" : "on"]}
      </Button>
      <Button variant="ghost" className="px-3 text-sm" onClick={() => void change("watched", id, !watched)}>
        <WatchedIcon aria-hidden />
        {labels.do.watched[watched ? "off" : "on"]}
      </Button>
    </div>
  );
}
