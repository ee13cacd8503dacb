import type { Metadata } from "next";
import { notFound } from "next/navigation";

// This route takes unknown addresses, so that their "not found" page has the navigation.
export function generateMetadata(): Metadata {
  notFound();
}

export default function UnknownPage() {
  notFound();
}
