import type { Metadata } from "next";
import { getMessages } from "next-intl/server";
import { cache } from "react";
import { Failure } from "@/components/catalogue/failure";
import { CannotPlay } from "@/components/player/cannot-play";
import { modeOf } from "@/components/player/modes";
import { Player } from "@/components/player/player";
import { readStreamInfo, readTitle } from "@/lib/api/catalogue";
import { ApiFailure } from "@/lib/api/failure";
import { attempt } from "@/lib/attempt";
import { readPreferences } from "@/lib/player/read-preferences";
import { playerTitle } from "@/lib/player/player-title";
import { wishedSecond } from "@/lib/player/start-position";
import { requireId } from "@/lib/route-id";

type Props = { params: Promise<{ id: string }>; searchParams: Promise<Record<string, string | string[] | undefined>> };

const read = cache((id: string) => attempt(readTitle(requireId(id))));

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const title = await read((await params).id);
  return title instanceof ApiFailure ? {} : { title: title.title };
}

export default async function WatchPage({ params, searchParams }: Props) {
  const { id } = await params;
  const [title, info, preferences, messages, query] = await Promise.all([
    read(id),
    attempt(readStreamInfo(requireId(id))),
    readPreferences(),
    getMessages(),
    searchParams,
  ]);
  if (title instanceof ApiFailure) return <Failure failure={title} />;
  if (info instanceof ApiFailure) return <Failure failure={info} />;
  if (!info.playable) return <CannotPlay title={title} info={info} />;
  const played = playerTitle(title, info);
  const wish = { t: one(query.t), hand: one(query.hand) };
  return (
    <Player
      // Another title is another player: nothing of the last one stays.
      key={title.id}
      title={played}
      wished={wishedSecond(wish, played.hands)}
      startMode={modeOf(one(query.mode), preferences)}
      preferences={preferences}
      words={messages.player}
    />
  );
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
