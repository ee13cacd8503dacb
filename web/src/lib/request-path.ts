/** The address of the page, path and query, which server components cannot read otherwise. */
export const PATH_HEADER = "x-wsoptv-path";

/** Return `next` if it is a path of this site, else `/`. A backslash counts as a slash in browsers. */
export function localPath(next: string | undefined | null): string {
  if (!next || !next.startsWith("/") || next.startsWith("//") || /[\\\u0000-\u001f]/.test(next)) return "/";
  return next;
}
