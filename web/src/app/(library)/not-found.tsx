import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { NotFoundText } from "@/components/layout/not-found-text";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("Failure"))("notFound") };
}

export default function NotFound() {
  return <NotFoundText />;
}
