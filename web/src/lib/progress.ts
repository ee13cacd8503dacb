import type { components } from "./api/schema";

type ViewerProgress = components["schemas"]["ViewerProgress"];

/** How far a viewer came, in whole percent. */
export type Reach = { percent: number; completed: boolean };

/** Return what cards show of the progress: a title that is completed is full, one that was begun is not empty. */
export function reachOf(progress: ViewerProgress | null | undefined): Reach {
  if (!progress) return { percent: 0, completed: false };
  if (progress.completed) return { percent: 100, completed: true };
  if (progress.progress_seconds <= 0 || progress.percent === null) return { percent: 0, completed: false };
  return { percent: Math.min(99, Math.max(1, Math.round(progress.percent))), completed: false };
}
