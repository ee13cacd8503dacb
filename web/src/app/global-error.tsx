"use client";

import "./globals.css";

/** The layout itself failed, and with it the choice of a language: both are shown. */
export default function GlobalError({ error }: { error: Error & { digest?: string } }) {
  return (
    <html lang="en" data-theme="dark">
      <body>
        <main className="page grid justify-items-start gap-4 py-16">
          <title>WSOPTV</title>
          <h1 className="text-2xl font-semibold">Something went wrong</h1>
          <p className="text-muted">Please load the page again in a moment.</p>
          <p lang="ko" className="text-muted">
            문제가 발생했습니다. 잠시 후 페이지를 다시 불러오세요.
          </p>
          {error.digest && <p className="text-sm text-muted">{error.digest}</p>}
        </main>
      </body>
    </html>
  );
}
