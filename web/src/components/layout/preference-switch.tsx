"use client";

import { useRouter } from "next/navigation";
import { useState, useTransition, type MouseEvent } from "react";
import { FORMS } from "@/lib/api/forms";
import { keepPreference, type PreferenceName } from "@/lib/preferences";

type Props = {
  legend: string;
  name: PreferenceName;
  value: string;
  options: { value: string; label: string; lang?: string }[];
  /** The page that the form returns to. */
  here: string;
};

/** A choice that the server renders by its cookie. Without scripts it is a form of the API. */
export function PreferenceSwitch({ legend, name, value, options, here }: Props) {
  const router = useRouter();
  const [chosen, setChosen] = useState(value);
  const [, startTransition] = useTransition();

  function choose(event: MouseEvent, next: string) {
    event.preventDefault();
    keepPreference(name, next);
    setChosen(next);
    if (name === "locale") startTransition(() => router.refresh());
  }

  return (
    <form method="post" action={FORMS.preferences}>
      <input type="hidden" name="next" value={here} />
      <fieldset>
        <legend className="mb-1.5 text-xs text-muted">{legend}</legend>
        <div className="flex rounded-card border border-line-strong p-0.5">
          {options.map((option) => (
            <button
              key={option.value}
              name={name}
              value={option.value}
              lang={option.lang}
              aria-pressed={option.value === chosen}
              onClick={(event) => choose(event, option.value)}
              className="min-h-9 flex-1 rounded-[4px] px-3 text-sm whitespace-nowrap text-muted hover:text-text aria-pressed:bg-accent-soft aria-pressed:font-medium aria-pressed:text-text"
            >
              {option.label}
            </button>
          ))}
        </div>
      </fieldset>
    </form>
  );
}
