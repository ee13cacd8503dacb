import { notFound } from "next/navigation";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Return the id of an address; what is no id is "not found", without a call. */
export function requireId(id: string): string {
  if (!UUID.test(id)) notFound();
  return id;
}
