import type { components } from "./api/schema";
import type en from "@/messages/en.json";

type Schemas = components["schemas"];
type Texts = typeof en;

export type ErrorCode = Schemas["ErrorCode"];
export type WatchState = Schemas["WatchState"];

/** Return all codes of a closed set of the API. A code too many, or one that is missing, does not compile. */
function all<Code extends string>(codes: Record<Code, true>): readonly Code[] {
  return Object.keys(codes) as Code[];
}

export const REGIONS = all<Schemas["Region"]>({
  las_vegas: true,
  europe: true,
  paradise: true,
  apac: true,
  circuit: true,
  super_circuit: true,
});
export const EVENT_TYPES = all<Schemas["EventType"]>({ main_event: true, bracelet: true, other: true });
export const STAGES = all<Schemas["EventStage"]>({
  final_table: true,
  final_day: true,
  heads_up: true,
  final_four: true,
});
export const CONTENT_TYPES = all<Schemas["ContentType"]>({
  stream: true,
  episode: true,
  hand_clip: true,
  clip: true,
  best_of: true,
});
export const QUALITIES = all<Schemas["PictureQuality"]>({ sd: true, hd: true, "4k": true });
export const WATCH_STATES = all<WatchState>({ new: true, begun: true, watched: true });

// Codes that only moderators and admins meet; their pages have their own sentences.
type ManagementCode =
  | Extract<ErrorCode, `WORKER_${string}` | `TITLE_${string}` | `MISSING_${string}`>
  | "CACHE_UNAVAILABLE"
  | "FILE_PRESENT"
  | "HANDS_INVALID"
  | "LAST_ADMIN"
  | "USER_NOT_FOUND";
type ViewerCode = Exclude<ErrorCode, ManagementCode>;

type Named<Code extends string, Names extends Record<Code, unknown>> = keyof Names;

/** Every code has a text. A new code of the API without one does not compile here. */
export type NamedCodes = {
  regions: Named<Schemas["Region"], Texts["Values"]["region"]>;
  eventTypes: Named<Schemas["EventType"], Texts["Values"]["event_type"]>;
  stages: Named<Schemas["EventStage"], Texts["Values"]["stage"]>;
  contentTypes: Named<Schemas["ContentType"], Texts["Values"]["content_type"]>;
  qualities: Named<Schemas["PictureQuality"], Texts["Values"]["quality"]>;
  watched: Named<WatchState, Texts["Values"]["watched"]>;
  renditions: Named<Schemas["RenditionProgress"], Texts["Rendition"]>;
  roles: Named<Schemas["Me"]["role"], Texts["Account"]["roles"]>;
  verdicts: Named<Schemas["PlayabilityVerdict"], Texts["Title"]["state"]>;
  rows: Named<"continue_watching" | "watchlist" | "recently_added" | "trending" | "main_event" | "best_hands", Texts["Home"]["rows"]>;
  registration: Named<Schemas["AuthOptions"]["registration"], Texts["Register"]["leads"]>;
  passwords: Named<Schemas["PasswordRules"]["kinds"][number], Texts["Register"]["kinds"]>;
  errors: Named<ViewerCode, Texts["Errors"]>;
};
