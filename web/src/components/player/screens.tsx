import Link from "next/link";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { readDevice } from "@/lib/device";
import type { SessionState } from "@/lib/player/session";
import { fill } from "@/lib/player/words";
import type { Playback } from "./use-session";
import type { PlayerWords } from "./words";

type Props = { playback: Playback; online: boolean; words: PlayerWords };

/** What stands over the picture while the title does not play, and the way on. */
export function Screen({ playback: { state, broken, start }, online, words }: Props) {
  if (broken) return <Card title={words.brokenTitle} text={words.brokenText} actions={<Again label={words.again} onClick={start} />} />;
  switch (state.kind) {
    case "starting":
    case "playing":
      return null;
    case "waiting":
      return (
        <Card title={words.waitingTitle} text={fill(words.waitingText, { position: state.position })} large={String(state.position)}>
          <p className="text-sm text-muted">{words.waitingNote}</p>
        </Card>
      );
    case "full":
      return <Card title={words.fullTitle} text={words.fullText} />;
    case "unreachable":
      return (
        <Card
          title={words.lostTitle}
          text={online ? words.lostText : words.offlineText}
          actions={<Again label={words.tryNow} onClick={start} />}
        />
      );
    case "in-use":
      return (
        <Card title={words.inUseTitle} text={words.inUseText} actions={<Again label={words.again} variant="secondary" onClick={start} />}>
          <Others state={state} words={words} onTakeOver={start} />
        </Card>
      );
    case "ended":
      return (
        <Card
          title={words.endedTitle}
          text={words[`ended_${state.reason}`]}
          actions={state.reason === "signed-out" ? <SignIn label={words.signIn} /> : <Again label={words.playHere} onClick={start} />}
        />
      );
    case "refused":
      return (
        <Card
          title={words.refusedTitle}
          text={state.code === "STREAM_FILE_MISSING" ? words.refusedMissing : fill(words.refusedText, { code: state.code })}
          actions={<Again label={words.again} onClick={start} />}
        />
      );
  }
}

type CardProps = { title: string; text: string; large?: string; actions?: ReactNode; children?: ReactNode };

function Card({ title, text, large, actions, children }: CardProps) {
  return (
    <div className="absolute inset-0 z-10 grid grid-cols-[minmax(0,28rem)] content-center justify-center overflow-y-auto bg-[black]/80 p-4 pt-16">
      <div className="grid grid-cols-[minmax(0,1fr)] justify-items-center gap-3 text-center text-white max-sm:gap-2">
        {large && (
          <p aria-hidden className="tabular text-4xl font-semibold text-accent">
            {large}
          </p>
        )}
        <div role="status" className="grid gap-1">
          <p className="text-lg font-semibold">{title}</p>
          <p className="text-sm text-white/85">{text}</p>
        </div>
        {children}
        {actions && <div className="flex flex-wrap justify-center gap-3 pt-1">{actions}</div>}
      </div>
    </div>
  );
}

type AgainProps = { label: string; variant?: "primary" | "secondary"; onClick: () => void };

function Again({ label, variant, onClick }: AgainProps) {
  return (
    <Button variant={variant} onClick={() => onClick()}>
      {label}
    </Button>
  );
}

function SignIn({ label }: { label: string }) {
  return (
    <Button asChild>
      <Link href="/sign-in">{label}</Link>
    </Button>
  );
}

type OthersProps = {
  state: Extract<SessionState, { kind: "in-use" }>;
  words: PlayerWords;
  onTakeOver: (playbackId: string) => void;
};

function Others({ state, words, onTakeOver }: OthersProps) {
  return (
    <ul className="grid w-full grid-cols-[minmax(0,1fr)] gap-2 text-left">
      {state.others.map((other) => (
        <li key={other.playbackId} className="flex items-center gap-3 rounded-card border border-line bg-raised p-3">
          <p className="min-w-0 grow text-sm">
            <span className="block truncate font-medium">{other.title}</span>
            <span className="block truncate text-xs text-muted">{deviceName(other.device)}</span>
          </p>
          <Button size="small" onClick={() => onTakeOver(other.playbackId)}>
            {words.takeOver}
          </Button>
        </li>
      ))}
    </ul>
  );
}

function deviceName(device: string): string {
  const known = readDevice(device);
  return known ? [known.browser, known.system].filter(Boolean).join(" · ") : device;
}
