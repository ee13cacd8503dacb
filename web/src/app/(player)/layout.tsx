import type { ReactNode } from "react";
import { SessionKeeper } from "@/components/layout/session-keeper";
import "./player.css";

/** The page of the player: dark in every theme, without the header. */
export default function PlayerLayout({ children }: { children: ReactNode }) {
  return (
    <>
      <main id="content" tabIndex={-1} className="flex grow flex-col bg-background text-text scheme-dark outline-none">
        {children}
      </main>
      <SessionKeeper />
    </>
  );
}
