import "server-only";
import { headers } from "next/headers";
import { notFound, redirect } from "next/navigation";
import { ApiFailure } from "./api/failure";
import { localPath, PATH_HEADER } from "./request-path";

const NOT_FOUND = new Set([404, 410]);

/**
 * Return what was read, or the failure for the page to show.
 *
 * Without a sign-in the person is sent to sign in; what does not exist is the "not found" page.
 */
export async function attempt<T>(read: Promise<T>): Promise<T | ApiFailure> {
  try {
    return await read;
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    if (error.status === 401) redirect(await signInAddress());
    if (NOT_FOUND.has(error.status)) notFound();
    return error;
  }
}

async function signInAddress(): Promise<string> {
  const path = localPath((await headers()).get(PATH_HEADER));
  return path === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(path)}`;
}
