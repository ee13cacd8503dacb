import type { Metadata } from "next";
import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { Logo } from "@/components/layout/logo";
import { NotFoundText } from "@/components/layout/not-found-text";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("Failure"))("notFound") };
}

export default function NotFound() {
  return (
    <>
      <header className="page flex h-16 items-center border-b border-line">
        <Link href="/" prefetch={false}>
          <Logo />
        </Link>
      </header>
      <main id="content" className="grow">
        <NotFoundText />
      </main>
    </>
  );
}
