import type { Metadata } from "next";
import { cache } from "react";
import { changeLabels } from "@/components/actions/change-labels";
import { TitleActions } from "@/components/actions/title-actions";
import { Failure } from "@/components/catalogue/failure";
import { HandList } from "@/components/catalogue/hand-list";
import { Neighbours } from "@/components/catalogue/neighbours";
import { SavingNote } from "@/components/catalogue/saving-note";
import { TitleFacts } from "@/components/catalogue/title-facts";
import { TitleHead } from "@/components/catalogue/title-head";
import { Versions } from "@/components/catalogue/versions";
import { readStreamInfo, readTitle } from "@/lib/api/catalogue";
import { ApiFailure } from "@/lib/api/failure";
import { attempt } from "@/lib/attempt";
import { requireId } from "@/lib/route-id";

type Props = { params: Promise<{ id: string }> };

const read = cache((id: string) => attempt(readTitle(requireId(id))));

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const title = await read((await params).id);
  return title instanceof ApiFailure ? {} : { title: title.title };
}

export default async function TitlePage({ params }: Props) {
  const { id } = await params;
  const [title, found, labels] = await Promise.all([read(id), attempt(readStreamInfo(requireId(id))), changeLabels()]);
  if (title instanceof ApiFailure) return <Failure failure={title} />;
  // Without it the page lacks what Hand Skip saves, and no more.
  const info = found instanceof ApiFailure ? null : found;
  const watch = `/watch/${title.id}`;
  return (
    <>
      <TitleHead
        title={title}
        info={info}
        watch={watch}
        actions={
          <TitleActions
            id={title.id}
            inList={title.in_list ?? false}
            watched={title.progress?.is_watched ?? false}
            labels={labels}
          />
        }
      />
      <div className="page grid grid-cols-[minmax(0,1fr)] gap-10 pt-8 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <div className="grid grid-cols-[minmax(0,1fr)] content-start gap-10">
          <TitleFacts title={title} />
          <HandList hands={title.hands_played} watch={watch} />
          <Versions files={title.files} playable={info?.playable ?? false} />
        </div>
        <div className="grid content-start gap-6 max-lg:order-first max-lg:empty:hidden">{info && <SavingNote info={info} />}</div>
        <div className="lg:col-span-2">
          <Neighbours previous={title.previous} next={title.next} />
        </div>
      </div>
    </>
  );
}
