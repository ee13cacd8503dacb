import { Alert } from "@/components/ui/alert";
import type { ActionState } from "./use-action";

/** The outcome of a change, announced to screen readers. */
export function ActionNote({ state }: { state: ActionState }) {
  return (
    <div role="status" className="empty:hidden">
      {state.text && <Alert kind={state.kind}>{state.text}</Alert>}
    </div>
  );
}
