import type { ReactNode } from "react";
import type { Picture } from "@/lib/api/pictures";

type Props = { picture: Picture | null; children: ReactNode };

/** Text beside a large still that fades into the page; on a phone the still is above the text. */
export function Stage({ picture, children }: Props) {
  return (
    <div data-slot="stage" className="relative overflow-hidden md:grid md:min-h-[22rem] md:items-center wide:min-h-[30rem]">
      {picture && (
        <div className="aspect-video md:absolute md:inset-y-0 md:right-0 md:aspect-auto md:w-3/5">
          <img
            src={picture.src}
            srcSet={picture.srcSet}
            sizes="(width >= 48rem) 60vw, 100vw"
            width={picture.width}
            height={picture.height}
            alt=""
            fetchPriority="high"
            className="size-full object-cover mask-b-from-70% md:mask-b-from-100% md:mask-l-from-30%"
          />
        </div>
      )}
      <div className="page relative -mt-6 grid justify-items-start gap-4 md:mt-0 md:w-1/2 md:min-w-[28rem] md:py-10">{children}</div>
    </div>
  );
}
