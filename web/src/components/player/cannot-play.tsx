import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { WhyNot } from "@/components/catalogue/why-not";
import { Button } from "@/components/ui/button";
import type { StreamInfo, Title } from "@/lib/api/catalogue";
import { posterOf } from "@/lib/api/pictures";

type Props = { title: Title; info: StreamInfo };

/** In place of the player: why the title does not play, and what is planned for it. */
export async function CannotPlay({ title, info }: Props) {
  const t = await getTranslations("player");
  const poster = posterOf(title);
  return (
    <div className="page mx-auto grid w-full max-w-3xl grow content-center gap-6 py-12">
      {poster && <img src={poster.src} srcSet={poster.srcSet} sizes="384px" width={poster.width} height={poster.height} alt="" className="w-full max-w-sm rounded-card opacity-60" />}
      <h1 className="text-2xl font-semibold">{title.title}</h1>
      <WhyNot info={info} rendition={title.rendition} />
      <div className="flex flex-wrap gap-3">
        <Button asChild>
          <Link href={`/title/${title.id}`} prefetch={false}>
            {t("back")}
          </Link>
        </Button>
        <Button asChild variant="secondary">
          <a href={`/watch/${title.id}`}>{t("checkAgain")}</a>
        </Button>
      </div>
    </div>
  );
}
