export type Toast = { text: string; undo?: () => void };

let toast: (Toast & { number: number }) | null = null;
let number = 0;
const listeners = new Set<() => void>();

/** Show a message in place of the last one. */
export function showToast(next: Toast): void {
  number += 1;
  toast = { ...next, number };
  listeners.forEach((changed) => changed());
}

export function closeToast(): void {
  toast = null;
  listeners.forEach((changed) => changed());
}

export const currentToast = () => toast;

export function subscribeToasts(changed: () => void): () => void {
  listeners.add(changed);
  return () => listeners.delete(changed);
}
