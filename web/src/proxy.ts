import { NextResponse, type NextRequest } from "next/server";
import { contentSecurityPolicy } from "@/lib/content-security-policy";
import { PATH_HEADER } from "@/lib/request-path";

/** Give each page its own nonce and its own address. */
export function proxy(request: NextRequest): NextResponse {
  const nonce = crypto.randomUUID().replaceAll("-", "");
  const policy = contentSecurityPolicy(nonce, process.env.NODE_ENV === "development");
  const headers = new Headers(request.headers);
  // Next reads the nonce of its own scripts from the request's policy.
  headers.set("content-security-policy", policy);
  headers.set(PATH_HEADER, request.nextUrl.pathname + request.nextUrl.search);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  // `no-store` would forbid the browser to keep the page for Back.
  response.headers.set("cache-control", "private, no-cache");
  return response;
}

export const config = {
  matcher: ["/((?!_next/static|icon.svg).*)"],
};
