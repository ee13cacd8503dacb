"use client";

import { use } from "react";
import { FailureTextContext } from "@/components/layout/failure-text";

type Props = { error: Error & { digest?: string }; reset: () => void };

export default function ErrorPage({ error }: Props) {
  const text = use(FailureTextContext);
  return (
    <main id="content" role="alert" className="page grid justify-items-start gap-4 py-16">
      <h1 className="text-2xl font-semibold">{text?.title}</h1>
      <p className="text-muted">{text?.text}</p>
      <div className="flex flex-wrap gap-3">
        <button
          type="button"
          onClick={() => window.location.reload()}
          className="min-h-11 rounded-card bg-accent px-5 font-medium text-on-accent"
        >
          {text?.retry}
        </button>
        {/* A full load: the state of this page is not to be trusted. */}
        {/* eslint-disable-next-line @next/next/no-html-link-for-pages */}
        <a href="/" className="inline-flex min-h-11 items-center rounded-card border border-line-strong px-5 font-medium">
          {text?.home}
        </a>
      </div>
      {error.digest && <p className="text-sm text-muted">{text?.reference.replace("{id}", error.digest)}</p>}
    </main>
  );
}
