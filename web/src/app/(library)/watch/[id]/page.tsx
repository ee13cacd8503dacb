import type { Metadata } from "next";
import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { cache } from "react";
import { Failure } from "@/components/catalogue/failure";
import { Button } from "@/components/ui/button";
import { readTitle } from "@/lib/api/catalogue";
import { ApiFailure } from "@/lib/api/failure";
import { attempt } from "@/lib/attempt";
import { requireId } from "@/lib/route-id";

// Where the page that needs no build is served; it has the player until this app has its own.
const PLAIN_PAGE = "/plain";

type Props = { params: Promise<{ id: string }> };

const read = cache((id: string) => attempt(readTitle(requireId(id))));

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const title = await read((await params).id);
  return title instanceof ApiFailure ? {} : { title: title.title };
}

export default async function WatchPage({ params }: Props) {
  const { id } = await params;
  const [t, title] = await Promise.all([getTranslations("Watch"), read(id)]);
  if (title instanceof ApiFailure) return <Failure failure={title} />;
  return (
    <div className="page grid justify-items-start gap-4 py-16">
      <h1 className="text-2xl font-semibold">{title.title}</h1>
      <p className="text-muted">{t("lead")}</p>
      <div className="flex flex-wrap gap-3">
        <Button asChild>
          <a href={`${PLAIN_PAGE}#${title.id}`}>{t("open")}</a>
        </Button>
        <Button asChild variant="secondary">
          <Link href={`/title/${title.id}`} prefetch={false}>
            {t("back")}
          </Link>
        </Button>
      </div>
    </div>
  );
}
