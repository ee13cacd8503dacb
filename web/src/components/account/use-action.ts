import { useCallback, useState } from "react";
import { ApiFailure } from "@/lib/api/failure";

export type ActionLabels = Record<string, string>;
export type ActionState = { busy: boolean; kind: "good" | "danger"; text: string | null };

/** Run one change at a time, and say how it went. `errors` has sentences by code, and `other`. */
export function useAction(errors: ActionLabels) {
  const [state, setState] = useState<ActionState>({ busy: false, kind: "good", text: null });
  const run = useCallback(
    async (done: string, change: () => Promise<void>) => {
      setState({ busy: true, kind: "good", text: null });
      try {
        await change();
        setState({ busy: false, kind: "good", text: done });
      } catch (error) {
        const code = error instanceof ApiFailure ? error.code : "other";
        setState({ busy: false, kind: "danger", text: errors[code] ?? errors.other ?? code });
      }
    },
    [errors],
  );
  return { state, run };
}
