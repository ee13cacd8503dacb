import { History, ListVideo, LogOut, UserRound, UsersRound } from "lucide-react";
import { getTranslations } from "next-intl/server";
import { FORMS } from "@/lib/api/forms";
import { MenuLink } from "./menu-link";
import { Preferences } from "./preferences";

/** The menu of the account: a native popover, which opens and closes without scripts. */
export async function UserMenu({ name }: { name: string }) {
  const t = await getTranslations("Header");
  return (
    <>
      <button
        type="button"
        popoverTarget="user-menu"
        aria-label={t("menuOf", { name })}
        className="grid size-11 shrink-0 place-items-center rounded-full"
      >
        <span
          aria-hidden
          className="grid size-9 place-items-center rounded-full border border-line-strong bg-raised text-sm font-semibold uppercase"
        >
          {[...name][0]}
        </span>
      </button>
      <div
        id="user-menu"
        popover="auto"
        className="fixed inset-auto top-16 right-(--page-margin) m-0 w-72 rounded-dialog border border-line-strong bg-overlay p-2 text-text"
      >
        <p className="truncate px-3 py-2 text-sm font-medium">{name}</p>
        <MenuLink href="/list" narrow>
          <ListVideo aria-hidden className="size-5 text-muted" />
          {t("list")}
        </MenuLink>
        <MenuLink href="/players" narrow>
          <UsersRound aria-hidden className="size-5 text-muted" />
          {t("players")}
        </MenuLink>
        <MenuLink href="/history">
          <History aria-hidden className="size-5 text-muted" />
          {t("history")}
        </MenuLink>
        <MenuLink href="/account">
          <UserRound aria-hidden className="size-5 text-muted" />
          {t("account")}
        </MenuLink>
        <div className="grid gap-3 border-y border-line p-3">
          <Preferences />
        </div>
        <form method="post" action={FORMS.signOut} data-sign-out className="pt-2">
          <input type="hidden" name="next" value="/sign-in" />
          <button className="flex min-h-11 w-full items-center gap-3 rounded-card px-3 text-sm hover:bg-background">
            <LogOut aria-hidden className="size-5 text-muted" />
            {t("signOut")}
          </button>
        </form>
      </div>
    </>
  );
}
