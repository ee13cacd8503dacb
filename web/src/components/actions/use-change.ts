import { useRouter } from "next/navigation";
import { useMemo } from "react";
import type { State } from "@/lib/api/changes";
import { showToast } from "@/lib/toasts";
import type { ChangeLabels } from "./change-labels";

/** Return the changes of a title: each shows what it did and reads the page again. */
export function useChange(labels: ChangeLabels) {
  const router = useRouter();
  return useMemo(() => {
    async function attempt(work: () => Promise<void>, text: string, undo?: () => void) {
      try {
        await work();
        showToast({ text, undo });
        router.refresh();
      } catch {
        showToast({ text: labels.failed });
      }
    }

    // The client of the API comes with the first change; a page that is only read needs none.
    function change(state: State, id: string, on: boolean, undoable = true): Promise<void> {
      const work = async () => (await import("@/lib/api/changes")).setState(state, id, on);
      const undo = undoable ? () => void change(state, id, !on, false) : undefined;
      return attempt(work, labels.done[state][on ? "on" : "off"], undo);
    }
    function forget(id: string): Promise<void> {
      return attempt(async () => (await import("@/lib/api/changes")).forgetView(id), labels.forgotten);
    }
    return { change, forget };
  }, [labels, router]);
}
