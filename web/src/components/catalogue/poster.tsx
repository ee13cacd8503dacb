import type { CSSProperties } from "react";
import { cn } from "@/lib/cn";
import type { Picture } from "@/lib/api/pictures";

type Props = { picture: Picture | null; sizes: string; missing: string; eager?: boolean; className?: string };

/** A 16:9 still of a title. It is decoration: the link around it has the name. */
export function Poster({ picture, sizes, missing, eager = false, className }: Props) {
  return (
    <span
      className={className ? cn("poster", className) : "poster"}
      style={picture?.colours ? ({ "--c": picture.colours } as CSSProperties) : undefined}
      data-frames={picture?.frames || undefined}
    >
      {picture ? (
        <img
          src={picture.src}
          srcSet={picture.srcSet}
          sizes={picture.srcSet && sizes}
          alt=""
          loading={eager ? undefined : "lazy"}
        />
      ) : (
        <span aria-hidden className="grid size-full place-items-center p-3 text-center text-sm text-muted">
          {missing}
        </span>
      )}
    </span>
  );
}
