import type { Metadata } from "next";
import { getFormatter, getTranslations } from "next-intl/server";
import { EntryForm } from "@/components/entry/entry-form";
import { EntryHead, EntryLink } from "@/components/entry/entry-text";
import { Field } from "@/components/ui/field";
import { readAuthOptions } from "@/lib/api/auth-options";
import { FORMS } from "@/lib/api/forms";
import { fieldErrors } from "@/lib/field-errors";
import { one, type SearchParams } from "@/lib/filters";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("Register"))("title") };
}

export default async function RegisterPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const [t, entry, format, params, { registration, password }] = await Promise.all([
    getTranslations("Register"),
    getTranslations("Entry"),
    getFormatter(),
    searchParams,
    readAuthOptions(),
  ]);
  const head = <EntryHead title={t("title")} lead={t(`leads.${registration}`)} />;
  const link = <EntryLink text={t("haveAccount")} href="/sign-in" label={t("signIn")} />;
  if (registration === "closed") {
    return (
      <>
        {head}
        {link}
      </>
    );
  }
  const kinds = format.list(password.kinds.map((kind) => t(`kinds.${kind}`)));
  const errors = fieldErrors(entry, params, { count: password.min_characters, kinds, bytes: password.max_bytes });
  return (
    <>
      {head}
      <EntryForm action={FORMS.register} params={params} submit={t("submit")}>
        <Field
          id="email"
          name="email"
          type="email"
          label={t("email")}
          defaultValue={one(params, "email")}
          error={errors.email}
          autoComplete="email"
          autoCapitalize="none"
          spellCheck={false}
          required
        />
        <Field
          id="username"
          name="username"
          label={t("username")}
          hint={t("usernameHint")}
          defaultValue={one(params, "username")}
          error={errors.username}
          autoComplete="nickname"
          autoCapitalize="none"
          spellCheck={false}
          minLength={3}
          maxLength={32}
          pattern="[\p{L}\p{N}_.\-]+"
          required
        />
        <Field
          id="password"
          name="password"
          type="password"
          label={t("password")}
          hint={t("passwordHint", { count: password.min_characters, kinds })}
          error={errors.password}
          autoComplete="new-password"
          minLength={password.min_characters}
          required
        />
      </EntryForm>
      {link}
    </>
  );
}
