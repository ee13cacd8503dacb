import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { EntryHead, EntryLink } from "@/components/entry/entry-text";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("Waiting"))("title") };
}

export default async function WaitingPage() {
  const t = await getTranslations("Waiting");
  return (
    <>
      <EntryHead title={t("title")} lead={t("lead")} />
      <EntryLink href="/sign-in" label={t("again")} />
    </>
  );
}
