import type { getTranslations } from "next-intl/server";
import { one, type SearchParams } from "./filters";

type Texts = Awaited<ReturnType<typeof getTranslations<"Entry">>>;
type FieldName = "email" | "username" | "password";
export type FieldErrors = Partial<Record<FieldName, string>>;
export type PasswordText = { count: number; kinds: string; bytes: number };

/** Return the field that caused the error of a form, if a field did. */
export function wrongField(params: SearchParams): FieldName | null {
  const [code, field] = [one(params, "error"), one(params, "field")];
  if (code === "AUTH_ACCOUNT_TAKEN") return field === "email" || field === "username" ? field : null;
  if (code !== "REQUEST_INVALID") return null;
  return field === "email" || field === "username" || field === "password" ? field : null;
}

/** Return the text for the wrong field. `password`: the rules, where a new password is chosen. */
export function fieldErrors(t: Texts, params: SearchParams, password?: PasswordText): FieldErrors {
  const field = wrongField(params);
  if (!field) return {};
  if (field === "password") {
    return { password: password ? t("invalid.password", password) : t("invalid.passwordMissing") };
  }
  const taken = one(params, "error") === "AUTH_ACCOUNT_TAKEN";
  return { [field]: taken ? t(`taken.${field}`) : t(`invalid.${field}`) };
}
