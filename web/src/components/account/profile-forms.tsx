"use client";

import { useRouter } from "next/navigation";
import { useState, type FormEvent, type ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { browserApi } from "@/lib/api/browser";
import { dataOf } from "@/lib/api/failure";
import { useAction, type ActionLabels } from "./use-action";
import { ActionNote } from "./action-note";

type NameLabels = { username: string; usernameHint: string; saveName: string; nameSaved: string };

export function NameForm({ username, labels, errors }: { username: string; labels: NameLabels; errors: ActionLabels }) {
  const router = useRouter();
  const { state, run } = useAction(errors);

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const wanted = String(new FormData(event.currentTarget).get("username"));
    await run(labels.nameSaved, async () => {
      await dataOf(browserApi.PATCH("/api/users/me", { body: { username: wanted } }));
      router.refresh();
    });
  }

  return (
    <ActionForm onSubmit={onSubmit} busy={state.busy} submit={labels.saveName} note={<ActionNote state={state} />}>
      <Field
        id="username"
        name="username"
        label={labels.username}
        hint={labels.usernameHint}
        defaultValue={username}
        autoComplete="username"
        required
        minLength={3}
        maxLength={32}
      />
    </ActionForm>
  );
}

type PasswordLabels = { current: string; new: string; passwordHint: string; savePassword: string; passwordSaved: string };

export function PasswordForm({ email, labels, errors }: { email: string; labels: PasswordLabels; errors: ActionLabels }) {
  const router = useRouter();
  const { state, run } = useAction(errors);
  // A new key empties the fields.
  const [round, setRound] = useState(0);

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const body = { current_password: String(fields.get("current")), password: String(fields.get("password")) };
    await run(labels.passwordSaved, async () => {
      await dataOf(browserApi.PATCH("/api/users/me", { body }));
      setRound(round + 1);
      router.refresh();
    });
  }

  return (
    <ActionForm onSubmit={onSubmit} busy={state.busy} submit={labels.savePassword} note={<ActionNote state={state} />}>
      {/* Password managers need to know whose password this is. */}
      <input type="hidden" name="email" autoComplete="username" value={email} readOnly />
      <div key={round} className="grid gap-4">
        <Field id="current" name="current" type="password" label={labels.current} autoComplete="current-password" required />
        <Field
          id="password"
          name="password"
          type="password"
          label={labels.new}
          hint={labels.passwordHint}
          autoComplete="new-password"
          required
          minLength={8}
        />
      </div>
    </ActionForm>
  );
}

type ActionFormProps = {
  onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  busy: boolean;
  submit: string;
  note: ReactNode;
  children: ReactNode;
};

function ActionForm({ onSubmit, busy, submit, note, children }: ActionFormProps) {
  return (
    <form onSubmit={onSubmit} className="grid max-w-md justify-items-stretch gap-4">
      {children}
      {note}
      <Button type="submit" variant="secondary" aria-disabled={busy} className="justify-self-start">
        {submit}
      </Button>
    </form>
  );
}
