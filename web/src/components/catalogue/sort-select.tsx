"use client";

import Form from "next/form";
import { useId } from "react";

type Props = {
  action: string;
  label: string;
  apply: string;
  value: string;
  options: { value: string; label: string }[];
  kept: [string, string][];
};

/** A form that sends itself; without scripts it has a button. */
export function SortSelect({ action, label, apply, value, options, kept }: Props) {
  const id = useId();
  return (
    <Form action={action} prefetch={false} scroll={false} className="flex items-center gap-2">
      {kept.map(([name, kept]) => (
        <input key={`${name} ${kept}`} type="hidden" name={name} value={kept} />
      ))}
      <label htmlFor={id} className="text-sm whitespace-nowrap text-muted">
        {label}
      </label>
      <select
        id={id}
        key={value}
        name="sort"
        defaultValue={value}
        onChange={(event) => event.currentTarget.form?.requestSubmit()}
        className="min-h-11 rounded-card border border-line-strong bg-raised px-3 text-sm"
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      <button className="min-h-11 rounded-card border border-line-strong px-3 text-sm scripted:hidden">{apply}</button>
    </Form>
  );
}
