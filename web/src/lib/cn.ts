import { clsx, type ClassValue } from "clsx";
import { extendTailwindMerge } from "tailwind-merge";

const merge = extendTailwindMerge({ extend: { theme: { radius: ["card", "dialog"] } } });

/** Join class names; of those that set the same property, the last one wins. */
export function cn(...names: ClassValue[]): string {
  return merge(clsx(names));
}
