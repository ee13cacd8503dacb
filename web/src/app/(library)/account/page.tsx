import type { Metadata } from "next";
import { getFormatter, getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { Devices } from "@/components/account/devices";
import { AccountPreferences } from "@/components/account/preferences";
import { NameForm, PasswordForm } from "@/components/account/profile-forms";
import { Failure } from "@/components/catalogue/failure";
import { listDevices, readMe } from "@/lib/api/account";
import { readAuthOptions } from "@/lib/api/auth-options";
import { ApiFailure } from "@/lib/api/failure";
import { readPreferences } from "@/lib/api/viewer";
import { attempt } from "@/lib/attempt";

// The refusals that the changes of this page may meet; a script needs no others.
const REFUSALS = [
  "AUTH_WRONG_PASSWORD",
  "AUTH_ACCOUNT_TAKEN",
  "AUTH_TOO_MANY_ATTEMPTS",
  "AUTH_BUSY",
  "AUTH_DEVICE_NOT_FOUND",
  "AUTH_REQUIRED",
  "AUTH_TOKEN_EXPIRED",
  "AUTH_TOKEN_REVOKED",
  "REQUEST_INVALID",
  "RATE_LIMITED",
  "API_UNREACHABLE",
  "other",
] as const;

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("Account"))("title") };
}

export default async function AccountPage() {
  const [t, e, format, me, devices, preferences, options] = await Promise.all([
    getTranslations("Account"),
    getTranslations("Errors"),
    getFormatter(),
    attempt(readMe()),
    attempt(listDevices()),
    attempt(readPreferences()),
    readAuthOptions(),
  ]);
  if (me instanceof ApiFailure) return <Failure failure={me} />;
  const errors = Object.fromEntries(REFUSALS.map((code) => [code, e(code)]));
  const register = await getTranslations("Register");
  const kinds = format.list(options.password.kinds.map((kind) => register(`kinds.${kind}`)));
  const name = {
    username: t("username"),
    usernameHint: t("usernameHint"),
    saveName: t("saveName"),
    nameSaved: t("nameSaved"),
  };
  const password = {
    current: t("current"),
    new: t("new"),
    passwordHint: register("passwordHint", { count: options.password.min_characters, kinds }),
    savePassword: t("savePassword"),
    passwordSaved: t("passwordSaved"),
  };
  return (
    <div className="page py-8">
      <h1 className="pb-8 text-3xl font-semibold">{t("title")}</h1>
      <div className="grid max-w-5xl gap-12">
        <Part id="profile" title={t("profile")}>
          <dl className="grid grid-cols-[8rem_1fr] gap-y-2 pb-6 text-sm">
            <dt className="text-muted">{t("email")}</dt>
            <dd>{me.email}</dd>
            <dt className="text-muted">{t("role")}</dt>
            <dd>{t(`roles.${me.role}`)}</dd>
            <dt className="text-muted">{t("since")}</dt>
            <dd>{format.dateTime(new Date(me.created_at), { dateStyle: "long" })}</dd>
          </dl>
          <NameForm key={me.username} username={me.username} labels={name} errors={errors} />
        </Part>
        <Part id="preferences" title={t("preferences")} lead={t("preferencesLead")}>
          {preferences instanceof ApiFailure ? (
            <Failure failure={preferences} />
          ) : (
            <AccountPreferences preferences={preferences} errors={errors} />
          )}
        </Part>
        <Part id="password-part" title={t("password")} lead={t("passwordLead")}>
          <PasswordForm email={me.email} labels={password} errors={errors} />
        </Part>
        <Part id="devices" title={t("devices")} lead={t("devicesLead")}>
          {devices instanceof ApiFailure ? (
            <Failure failure={devices} />
          ) : (
            <Devices devices={devices.items} errors={errors} />
          )}
        </Part>
      </div>
    </div>
  );
}

type PartProps = { id: string; title: string; lead?: string; children: ReactNode };

function Part({ id, title, lead, children }: PartProps) {
  return (
    <section aria-labelledby={id} className="grid gap-4 md:grid-cols-[14rem_minmax(0,1fr)] md:gap-10">
      <div>
        <h2 id={id} className="text-lg font-semibold">
          {title}
        </h2>
        {lead && <p className="text-sm text-muted">{lead}</p>}
      </div>
      <div>{children}</div>
    </section>
  );
}
