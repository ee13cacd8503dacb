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

type FieldProps = ComponentProps<"input"> & { id: string; label: string; hint?: ReactNode; error?: string };

/** A labelled input; the hint is read with it. An error replaces the hint, and the field gets the focus. */
export function Field({ id, label, hint, error, ...input }: FieldProps) {
  const state = error ? { "aria-invalid": true, autoFocus: true } : {};
  return (
    <div data-slot="field" className="grid gap-1.5">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <Input id={id} aria-describedby={hint || error ? `${id}-hint` : undefined} {...state} {...input} />
      {(error || hint) && (
        <p id={`${id}-hint`} className={error ? "text-sm text-danger" : "text-sm text-muted"}>
          {error ?? hint}
        </p>
      )}
    </div>
  );
}
