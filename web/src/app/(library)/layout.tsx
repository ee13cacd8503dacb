import type { ReactNode } from "react";
import { Footer } from "@/components/layout/footer";
import { Header } from "@/components/layout/header";
import { NavigationBar } from "@/components/layout/navigation-bar";
import { SessionKeeper } from "@/components/layout/session-keeper";
import { readMe } from "@/lib/api/account";
import { ApiFailure } from "@/lib/api/failure";
import { attempt } from "@/lib/attempt";

export default async function LibraryLayout({ children }: { children: ReactNode }) {
  const me = await attempt(readMe());
  return (
    <>
      <NavigationBar />
      <Header name={me instanceof ApiFailure ? "?" : me.username} />
      <main id="content" tabIndex={-1} className="grow outline-none">
        {children}
      </main>
      <Footer />
      <SessionKeeper />
    </>
  );
}
