import type { components } from "./schema";

type Urls = components["schemas"]["Urls"];

export type Picture = { src: string; srcSet?: string; width: number; height: number; preview?: string };

/** Return the picture of a title. Today there is one width; more of them, and a preview, belong here. */
export function posterOf(urls: Pick<Urls, "poster">): Picture | null {
  return posterAt(urls.poster);
}

export function posterAt(address: string | null): Picture | null {
  return address === null ? null : { src: address, srcSet: `${address} 640w`, width: 640, height: 360 };
}
