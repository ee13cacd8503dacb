import { cookies } from "next/headers";
import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { CardActions } from "@/components/actions/card-actions";
import { changeLabels } from "@/components/actions/change-labels";
import { HoverPreviews } from "@/components/actions/hover-previews";
import { ToastRegion } from "@/components/actions/toast-region";
import { BrowserFacts } from "@/components/layout/browser-facts";
import { Footer } from "@/components/layout/footer";
import { Header } from "@/components/layout/header";
import { NavigationBar } from "@/components/layout/navigation-bar";
import { SessionKeeper } from "@/components/layout/session-keeper";
import { readMe } from "@/lib/api/account";
import { ApiFailure } from "@/lib/api/failure";
import { readPreferences } from "@/lib/api/viewer";
import { attempt } from "@/lib/attempt";
import { choicesToAdopt } from "@/lib/adopted-choices";
import { ZONE_COOKIE } from "@/lib/time-zone";

export default async function LibraryLayout({ children }: { children: ReactNode }) {
  const [t, labels, jar, me, preferences] = await Promise.all([
    getTranslations("Changes"),
    changeLabels(),
    cookies(),
    attempt(readMe()),
    attempt(readPreferences()),
  ]);
  const known = preferences instanceof ApiFailure ? null : preferences;
  return (
    <>
      <NavigationBar />
      <Header name={me instanceof ApiFailure ? "?" : me.username} letterKeys={known?.letter_keys !== false} />
      <main id="content" tabIndex={-1} className="grow outline-none">
        {children}
        <CardActions labels={labels} />
      </main>
      <Footer />
      <SessionKeeper />
      <BrowserFacts
        zone={jar.get(ZONE_COOKIE)?.value ?? ""}
        adopt={known ? choicesToAdopt(known, (name) => jar.get(name)?.value) : {}}
      />
      {known?.previews !== false && <HoverPreviews />}
      <ToastRegion undo={t("undo")} close={t("close")} />
    </>
  );
}
