import { coloursOf } from "../thumbhash";
import type { components } from "./schema";

type Schemas = components["schemas"];
type WithPoster = { id: string; poster: Schemas["Poster"] | null; urls: Pick<Schemas["Urls"], "poster"> };
type WithCover = Pick<Schemas["Shelf"], "cover" | "poster">;

export type Picture = {
  src: string;
  srcSet?: string;
  width: number;
  height: number;
  /** Three colours, shown until the picture is there. */
  colours: string | null;
  /** The number of frames of its preview. */
  frames: number;
};

/** Return the picture of a title. `widest`: cards never need more than 640 pixels. */
export function posterOf({ id, poster, urls }: WithPoster, widest = 640): Picture | null {
  return poster ? versioned(id, poster, widest) : older(urls.poster);
}

/** Return the picture of a series. */
export function coverOf({ cover, poster }: WithCover): Picture | null {
  return cover ? versioned(cover.content_id, cover, 640) : older(poster);
}

function versioned(id: string, poster: Schemas["Poster"], widest: number): Picture | null {
  const fitting = poster.widths.filter((width) => width <= widest);
  const widths = fitting.length > 0 ? fitting : poster.widths.slice(0, 1);
  const address = (width: number) => `/api/contents/${id}/poster/${width}.webp?v=${poster.v}`;
  const [smallest] = widths;
  if (smallest === undefined) return null;
  return {
    src: address(smallest),
    srcSet: widths.length > 1 ? widths.map((width) => `${address(width)} ${width}w`).join(",") : undefined,
    width: poster.width,
    height: poster.height,
    colours: poster.thumbhash === null ? null : coloursOf(poster.thumbhash),
    frames: poster.preview_frames,
  };
}

/** Return a picture of an older version of the program, which has one size. */
function older(address: string | null): Picture | null {
  return address === null ? null : { src: address, width: 640, height: 360, colours: null, frames: 0 };
}
