const CODES = ["video_codec", "video_profile", "pixel_format", "audio_codec", "audio_tracks", "container", "codecs"] as const;
const WHOLE = ["file:unreadable", "file:truncated", "file:encrypted", "video:none", "video:still", "video:undecodable"] as const;

export type ReasonKey = (typeof CODES)[number] | "codecs_in" | "unreadable" | "truncated" | "encrypted" | "no_picture" | "other";

const BROKEN: Record<(typeof WHOLE)[number], ReasonKey> = {
  "file:unreadable": "unreadable",
  "file:truncated": "truncated",
  "file:encrypted": "encrypted",
  "video:none": "no_picture",
  "video:still": "no_picture",
  "video:undecodable": "unreadable",
};

/** Return the message and the value of a reason such as `video_codec:prores`; null if it stops nothing. */
export function readReason(reason: string): { key: ReasonKey; value: string } | null {
  const [code = "", value = ""] = reason.split(/:(.*)/s);
  const broken = WHOLE.find((known) => known === reason);
  if (broken) return { key: BROKEN[broken], value };
  if (["moov", "scan", "duration"].includes(code)) return null;
  if (code === "codecs_in") return { key: "codecs_in", value };
  const key = CODES.find((known) => known === code) ?? "other";
  return { key, value: value || reason };
}
