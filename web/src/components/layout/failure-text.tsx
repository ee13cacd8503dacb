"use client";

import { createContext, type ReactNode } from "react";

export type FailureMessages = Record<"title" | "text" | "retry" | "home" | "reference", string>;

/** The words of the error page, rendered by the server: an error boundary gets no properties of ours. */
export const FailureTextContext = createContext<FailureMessages | null>(null);

export function FailureText({ text, children }: { text: FailureMessages; children: ReactNode }) {
  return <FailureTextContext value={text}>{children}</FailureTextContext>;
}
