import type { Metadata } from "next";
import { notFound } from "next/navigation";

// Unknown addresses are here, so that the "not found" page keeps the navigation.
export function generateMetadata(): Metadata {
  notFound();
}

export default function UnknownPage() {
  notFound();
}
