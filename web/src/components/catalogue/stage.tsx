import type { CSSProperties, ReactNode } from "react";
import type { Picture } from "@/lib/api/pictures";

type Props = { picture: Picture | null; children: ReactNode };

/** Text beside a large still that fades into the page; on a phone the still is above the text. */
export function Stage({ picture, children }: Props) {
  return (
    <div data-slot="stage" className="relative overflow-hidden md:grid md:min-h-[22rem] md:items-center wide:min-h-[30rem]">
      {picture && (
        <div
          style={picture.colours ? ({ "--c": picture.colours } as CSSProperties) : undefined}
          className="aspect-video md:absolute md:inset-y-0 md:right-0 md:aspect-auto md:w-3/5"
        >
          <img
            src={picture.src}
            srcSet={picture.srcSet}
            sizes="(width >= 48rem) 60vw, 100vw"
            alt=""
            fetchPriority="high"
            className="stage-picture size-full object-cover mask-b-from-75% md:mask-b-from-100% md:mask-l-from-30%"
          />
        </div>
      )}
      <div className="page relative grid pt-4 justify-items-start gap-4 md:w-[45%] md:min-w-[26rem] md:py-10">{children}</div>
    </div>
  );
}
