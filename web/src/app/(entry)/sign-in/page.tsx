import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { EntryForm } from "@/components/entry/entry-form";
import { EntryHead, EntryLink } from "@/components/entry/entry-text";
import { Alert } from "@/components/ui/alert";
import { Field } from "@/components/ui/field";
import { readAuthOptions } from "@/lib/api/auth-options";
import { FORMS } from "@/lib/api/forms";
import { fieldErrors } from "@/lib/field-errors";
import { one, type SearchParams } from "@/lib/filters";

const REGISTERED = ["active", "pending"] as const;

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("SignIn"))("title") };
}

export default async function SignInPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const [t, entry, params, { registration }] = await Promise.all([
    getTranslations("SignIn"),
    getTranslations("Entry"),
    searchParams,
    readAuthOptions(),
  ]);
  const errors = fieldErrors(entry, params);
  const registered = REGISTERED.find((state) => state === one(params, "registered"));
  return (
    <>
      <EntryHead title={t("title")} lead={t("lead")} />
      {registered && <Alert kind="good">{t(`registered.${registered}`)}</Alert>}
      <EntryForm action={FORMS.signIn} params={params} submit={t("submit")}>
        <Field
          id="email"
          name="email"
          type="email"
          label={t("email")}
          defaultValue={one(params, "email")}
          error={errors.email}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
        />
        <Field
          id="password"
          name="password"
          type="password"
          label={t("password")}
          error={errors.password}
          autoComplete="current-password"
          required
        />
      </EntryForm>
      {registration === "closed" ? (
        <p className="text-sm text-muted">{t("closed")}</p>
      ) : (
        <EntryLink text={t("noAccount")} href="/register" label={t("register")} />
      )}
    </>
  );
}
