import "server-only";
import { cookies, headers } from "next/headers";
import createClient from "openapi-fetch";
import { cache } from "react";
import type { paths } from "./schema";

const ACCESS_COOKIE = "wsoptv_access";
const TIMEOUT_MS = 10_000;

/** Return the API as the person of this request may use it: reads only, in their name. */
export const api = cache(async () => {
  const [jar, head] = await Promise.all([cookies(), headers()]);
  const access = jar.get(ACCESS_COOKIE)?.value;
  return createClient<paths>({
    baseUrl: process.env.WSOPTV_API ?? "http://127.0.0.1:8000",
    headers: callerHeaders(access, head.get("x-forwarded-for")),
    cache: "no-store",
    fetch: (request) => fetch(request, { signal: AbortSignal.timeout(TIMEOUT_MS) }),
  });
});

/** Return whether the browser showed an access token; only the API can say whether it is good. */
export async function hasAccess(): Promise<boolean> {
  return (await cookies()).has(ACCESS_COOKIE);
}

// The API believes the person's address only together with the key of this start.
function callerHeaders(access: string | undefined, forwardedFor: string | null): Record<string, string> {
  const key = process.env.WSOPTV_RENDER_KEY;
  const address = forwardedFor?.split(",")[0]?.trim();
  return {
    ...(access ? { authorization: `Bearer ${access}` } : {}),
    ...(key ? { "x-wsoptv-render": key } : {}),
    ...(key && address ? { "x-wsoptv-address": address } : {}),
  };
}
