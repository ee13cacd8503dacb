import type { ComponentProps, ReactNode } from "react";
import { cn } from "@/lib/cn";

export function Input({ className, ...rest }: ComponentProps<"input">) {
  return (
    <input
      data-slot="input"
      className={cn(
        "min-h-11 w-full rounded-card border border-line-strong bg-well px-3 text-base text-text " +
          "placeholder:text-muted aria-[invalid]:border-danger",
        className,
      )}
      {...rest}
    />
  );
}

type FieldProps = ComponentProps<"input"> & { id: string; label: string; hint?: ReactNode };

/** A labelled input; the hint is read with it. */
export function Field({ id, label, hint, ...input }: FieldProps) {
  return (
    <div data-slot="field" className="grid gap-1.5">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <Input id={id} {...(hint ? { "aria-describedby": `${id}-hint` } : {})} {...input} />
      {hint && (
        <p id={`${id}-hint`} className="text-sm text-muted">
          {hint}
        </p>
      )}
    </div>
  );
}
