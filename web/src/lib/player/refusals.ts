import type { ApiFailure } from "@/lib/api/failure";

/** Another session of the person, which may give its slot. */
export type Other = { playbackId: string; title: string; device: string };

const REASONS = ["ended", "taken_over", "expired", "left", "changed", "revoked"] as const;

export type EndReason = Exclude<(typeof REASONS)[number], "left"> | "signed-out";

/** Return why a session ended. */
export function endOf(failure: ApiFailure): EndReason {
  if (failure.code === "PLAYBACK_NOT_FOUND") return "expired";
  const reason = REASONS.find((known) => known === failure.details.reason) ?? "ended";
  return reason === "left" ? "expired" : reason;
}

/** Return the sessions that play, as the refusal lists them. */
export function othersOf(failure: ApiFailure): Other[] {
  const playing = Array.isArray(failure.details.playing) ? failure.details.playing : [];
  return playing.flatMap((one: Record<string, unknown>) =>
    typeof one.playback_id === "string"
      ? [{ playbackId: one.playback_id, title: String(one.title ?? ""), device: String(one.device ?? "") }]
      : [],
  );
}

/** Return whether the same request may work later: no network, a restart, too many requests. */
export function isPassing({ status }: ApiFailure): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500;
}
