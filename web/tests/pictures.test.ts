import { describe, expect, it } from "vitest";
import { coverOf, posterOf } from "@/lib/api/pictures";
import { coloursOf } from "@/lib/thumbhash";

const urls = { poster: "/api/contents/1/poster.jpg" };
const poster = { v: "a1", widths: [320, 640, 1280], width: 1280, height: 720, thumbhash: null, preview_frames: 9 };

describe("posterOf", () => {
  it("offers cards the widths that they need", () => {
    expect(posterOf({ id: "1", poster, urls })).toMatchObject({
      src: "/api/contents/1/poster/320.webp?v=a1",
      srcSet: "/api/contents/1/poster/320.webp?v=a1 320w,/api/contents/1/poster/640.webp?v=a1 640w",
      frames: 9,
    });
  });

  it("offers the stage all widths", () => {
    expect(posterOf({ id: "1", poster, urls }, Infinity)?.srcSet).toContain("1280.webp?v=a1 1280w");
  });

  it("takes the only width of a small film", () => {
    const small = posterOf({ id: "1", poster: { ...poster, widths: [720] }, urls });
    expect([small?.src, small?.srcSet]).toEqual(["/api/contents/1/poster/720.webp?v=a1", undefined]);
  });

  it("falls back to the picture of an older version, or none", () => {
    expect(posterOf({ id: "1", poster: null, urls })?.src).toBe(urls.poster);
    expect(posterOf({ id: "1", poster: null, urls: { poster: null } })).toBeNull();
  });
});

it("takes the cover of a series from its title", () => {
  expect(coverOf({ cover: { ...poster, content_id: "7" }, poster: null })?.src).toContain("/contents/7/poster/320.webp");
});

describe("coloursOf", () => {
  it("has three colours, from left to right", () => {
    // A picture that is black on the left and white on the right.
    const half = Uint8Array.from([0x20, 0x08, 0x7e, 0x07, 0x80, 0x80, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88]);
    const colours = coloursOf(Buffer.from(half).toString("base64"))?.split(",") ?? [];
    expect(colours).toHaveLength(3);
    const [left = "", , right = ""] = colours;
    expect(parseInt(left.slice(1, 2), 16)).toBeLessThan(parseInt(right.slice(1, 2), 16));
  });

  it("is nothing for what is no ThumbHash", () => {
    expect(coloursOf("")).toBeNull();
    expect(coloursOf("AAAA")).toBeNull();
  });
});
