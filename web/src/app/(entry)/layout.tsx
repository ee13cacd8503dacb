import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Logo } from "@/components/layout/logo";
import { Preferences } from "@/components/layout/preferences";

/** Pages before the sign-in: nothing of the archive is on them. */
export default function EntryLayout({ children }: { children: ReactNode }) {
  const t = useTranslations("Footer");
  return (
    <div className="page mx-auto flex w-full max-w-md grow flex-col justify-center gap-8 py-10">
      <header>
        <Logo />
      </header>
      <main id="content" tabIndex={-1} className="grid gap-6 outline-none">
        {children}
      </main>
      <footer className="grid gap-4 border-t border-line pt-6">
        <div className="flex flex-wrap gap-x-6 gap-y-3">
          <Preferences />
        </div>
        <p className="text-sm text-muted">{t("note")}</p>
      </footer>
    </div>
  );
}
