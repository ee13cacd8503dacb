import { cn } from "@/lib/cn";
import type { Picture } from "@/lib/api/pictures";

type Props = { picture: Picture | null; sizes: string; missing: string; eager?: boolean; className?: string };

/** A 16:9 still of a title. It is decoration: the link around it has the name. */
export function Poster({ picture, sizes, missing, eager = false, className }: Props) {
  return (
    <span
      data-slot="poster"
      className={cn("relative block aspect-video overflow-hidden rounded-card bg-overlay", className)}
      style={picture?.preview ? { background: `center / cover url("${picture.preview}")` } : undefined}
    >
      {picture ? (
        <img
          src={picture.src}
          srcSet={picture.srcSet}
          sizes={sizes}
          width={picture.width}
          height={picture.height}
          alt=""
          loading={eager ? "eager" : "lazy"}
          fetchPriority={eager ? "high" : undefined}
          decoding="async"
          className="size-full object-cover"
        />
      ) : (
        <span aria-hidden className="grid size-full place-items-center p-3 text-center text-sm text-muted">
          {missing}
        </span>
      )}
    </span>
  );
}
