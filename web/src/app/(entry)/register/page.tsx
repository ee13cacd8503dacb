import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { EntryForm } from "@/components/entry/entry-form";
import { EntryHead, EntryLink } from "@/components/entry/entry-text";
import { Field } from "@/components/ui/field";
import { FORMS } from "@/lib/api/forms";
import { one, type SearchParams } from "@/lib/filters";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("Register"))("title") };
}

export default async function RegisterPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const [t, params] = await Promise.all([getTranslations("Register"), searchParams]);
  return (
    <>
      <EntryHead title={t("title")} lead={t("lead")} />
      <EntryForm action={FORMS.register} params={params} submit={t("submit")}>
        <Field
          id="email"
          name="email"
          type="email"
          label={t("email")}
          defaultValue={one(params, "email")}
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
          hint={t("passwordHint")}
          autoComplete="new-password"
          minLength={8}
          required
        />
      </EntryForm>
      <EntryLink text={t("haveAccount")} href="/sign-in" label={t("signIn")} />
    </>
  );
}
