import { Search } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { SearchField } from "@/components/catalogue/search-field";
import { Logo } from "./logo";
import { NavLink } from "./nav-link";
import { UserMenu } from "./user-menu";

/** The top of each page. `letterKeys`: whether single keys may do something (WCAG 2.1.4). */
export function Header({ name, letterKeys }: { name: string; letterKeys: boolean }) {
  const t = useTranslations();
  return (
    <header className="page sticky top-0 z-10 border-b border-line bg-background">
      <div className="flex h-16 items-center gap-1 md:gap-6">
        <Link href="/" prefetch={false} aria-label={`${t("App.name")} – ${t("Header.home")}`} className="flex min-h-11 shrink-0 items-center">
          <Logo />
        </Link>
        <nav aria-label={t("Header.main")} className="ml-auto flex md:ml-0">
          <NavLink href="/browse">{t("Header.browse")}</NavLink>
          <NavLink href="/series">{t("Header.series")}</NavLink>
          <NavLink href="/players" wide>
            {t("Header.players")}
          </NavLink>
          <NavLink href="/list" wide>
            {t("Header.list")}
          </NavLink>
        </nav>
        <div className="ml-auto hidden w-full max-w-md min-w-0 md:block">
          <SearchField inHeader shortcut={letterKeys} />
        </div>
        <Link
          href="/search"
          prefetch={false}
          aria-label={t("SearchBox.submit")}
          className="grid size-11 shrink-0 place-items-center text-muted hover:text-text md:hidden"
        >
          <Search aria-hidden className="size-5" />
        </Link>
        <UserMenu name={name} />
      </div>
    </header>
  );
}
