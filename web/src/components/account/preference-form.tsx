"use client";

import { useRouter } from "next/navigation";
import { useId, type ChangeEvent } from "react";
import { savePreferences } from "@/lib/api/changes";
import { keepPreference } from "@/lib/preferences";
import { ActionNote } from "./action-note";
import { useAction, type ActionLabels } from "./use-action";

export type SwitchItem = { name: SwitchName; label: string; hint: string; on: boolean };
export type ChoiceItem = { name: ChoiceName; label: string; value: string; options: { value: string; label: string }[] };
export type SwitchName = "previews" | "hand_skip" | "best_hands" | "captions" | "letter_keys";
export type ChoiceName = "language" | "theme" | "speed";
type Props = { switches: SwitchItem[]; choices: ChoiceItem[]; note: string; saved: string; errors: ActionLabels };

/** The preferences of the account. Each is saved as it is changed. */
export function PreferenceForm({ switches, choices, note, saved, errors }: Props) {
  const router = useRouter();
  const { state, run } = useAction(errors);

  function save(change: Parameters<typeof savePreferences>[0]) {
    return run(saved, async () => {
      await savePreferences(change);
      router.refresh();
    });
  }
  function choose(name: ChoiceName, value: string) {
    // This browser follows at once; "auto" leaves its own choice as it is.
    if (name === "theme") keepPreference("theme", value);
    if (name === "language" && value !== "auto") keepPreference("locale", value);
    return save({ [name]: name === "speed" ? Number(value) : value });
  }

  return (
    <div className="hidden max-w-xl gap-6 scripted:grid">
      <div className="grid gap-2">
        <div className="grid gap-4 sm:grid-cols-3">
          {choices.map((item) => (
            <Choice key={item.name} item={item} onChange={choose} />
          ))}
        </div>
        <p className="text-sm text-muted">{note}</p>
      </div>
      <ul className="border-t border-line">
        {switches.map((item) => (
          <li key={item.name} className="border-b border-line">
            <Switch item={item} onChange={(on) => void save({ [item.name]: on })} />
          </li>
        ))}
      </ul>
      <ActionNote state={state} />
    </div>
  );
}

type ChoiceProps = { item: ChoiceItem; onChange: (name: ChoiceName, value: string) => void };

function Choice({ item, onChange }: ChoiceProps) {
  const id = useId();
  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className="text-sm font-medium">
        {item.label}
      </label>
      <select
        id={id}
        defaultValue={item.value}
        onChange={(event) => onChange(item.name, event.currentTarget.value)}
        className="min-h-11 rounded-card border border-line-strong bg-raised px-3 text-sm"
      >
        {item.options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  );
}

function Switch({ item, onChange }: { item: SwitchItem; onChange: (on: boolean) => void }) {
  const id = useId();
  return (
    <div className="flex items-start gap-4 py-3">
      <div className="min-w-0 grow">
        <label htmlFor={id} className="text-sm font-medium">
          {item.label}
        </label>
        <p id={`${id}-hint`} className="text-sm text-muted">
          {item.hint}
        </p>
      </div>
      <input
        id={id}
        type="checkbox"
        role="switch"
        defaultChecked={item.on}
        aria-describedby={`${id}-hint`}
        onChange={(event: ChangeEvent<HTMLInputElement>) => onChange(event.currentTarget.checked)}
        className="switch"
      />
    </div>
  );
}
