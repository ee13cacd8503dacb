import { ApiFailure } from "@/lib/api/failure";
import { ensureFresh } from "@/lib/auth/renewal";
import type { components } from "@/lib/api/schema";
import type { Preferences } from "./preferences";

type Schemas = components["schemas"];
export type Started = Schemas["Started"];
export type Heartbeat = Schemas["Heartbeat"];
export type StartWish = { playback_id: string | null; take_over: string | null };

/** Requests of a playback session. */
export type Calls = {
  start: (wish: StartWish) => Promise<Started>;
  heartbeat: (playbackId: string, position: number) => Promise<Heartbeat>;
  progress: (playbackId: string, position: number) => Promise<void>;
  /** Save the position, although the page may be gone before the response. */
  progressAtLast: (playbackId: string, position: number) => void;
  end: (playbackId: string, position: number) => void;
};

const TIMEOUT_MS = 15_000;

const json = (body: object, method = "POST"): RequestInit => ({
  method,
  credentials: "same-origin",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

async function ask<T>(address: string, init: RequestInit): Promise<T> {
  await ensureFresh();
  let response = await send(address, init);
  if (response.status === 401 && (await ensureFresh(true)) !== "signed-out") response = await send(address, init);
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw ApiFailure.of(response, body);
  return body as T;
}

async function send(address: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    throw ApiFailure.unreachable(error);
  }
}

// 0 is left out: a player that failed is there as well.
const at = (position: number) => (position > 0 ? { position_seconds: position } : {});

/** Return the requests for the sessions of one title. */
export function callsOf(id: string): Calls {
  const base = `/api/stream/${id}`;
  const last = (path: string, body: object) => {
    fetch(`${base}/${path}`, { ...json(body), keepalive: true }).catch(() => {});
  };
  return {
    start: (wish) => ask(`${base}/start`, json(wish)),
    heartbeat: (playback_id, position) => ask(`${base}/heartbeat`, json({ playback_id, ...at(position) })),
    progress: (playback_id, position) => ask(`${base}/progress`, json({ playback_id, position_seconds: position })),
    progressAtLast: (playback_id, position) => last("progress", { playback_id, position_seconds: position }),
    end: (playback_id, position) => last("end", { playback_id, ...at(position) }),
  };
}

/** Keep changed preferences for all devices of the person. */
export function savePreferences(changes: Partial<Preferences>): Promise<unknown> {
  return ask("/api/users/me/preferences", { ...json(changes, "PATCH"), keepalive: true });
}

export async function readStoryboard(address: string): Promise<string> {
  await ensureFresh();
  const response = await fetch(address, { credentials: "same-origin" });
  return response.ok ? response.text() : "";
}
