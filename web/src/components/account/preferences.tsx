import { useFormatter, useTranslations } from "next-intl";
import type { MyPreferences } from "@/lib/api/viewer";
import { THEMES } from "@/lib/theme";
import { PreferenceForm, type ChoiceItem, type SwitchItem, type SwitchName } from "./preference-form";
import type { ActionLabels } from "./use-action";

const SWITCHES = ["previews", "hand_skip", "best_hands", "captions", "letter_keys"] as const satisfies SwitchName[];
const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];

/** What holds on all devices of the account. */
export function AccountPreferences({ preferences, errors }: { preferences: MyPreferences; errors: ActionLabels }) {
  const [t, header, format] = [useTranslations("Account"), useTranslations("Header"), useFormatter()];
  // A program may have chosen a speed between ours.
  const speeds = [...new Set([...SPEEDS, preferences.speed])].sort((a, b) => a - b);
  const choices: ChoiceItem[] = [
    {
      name: "language",
      label: header("language"),
      value: preferences.language,
      options: [
        { value: "auto", label: t("languageAuto") },
        { value: "ko", label: "한국어" },
        { value: "en", label: "English" },
      ],
    },
    {
      name: "theme",
      label: header("theme"),
      value: preferences.theme,
      options: THEMES.map((theme) => ({ value: theme, label: header(`themes.${theme}`) })),
    },
    {
      name: "speed",
      label: t("speed"),
      value: String(preferences.speed),
      options: speeds.map((speed) => ({ value: String(speed), label: t("times", { speed: format.number(speed) }) })),
    },
  ];
  const switches = SWITCHES.map((name): SwitchItem => ({
    name,
    label: t(`switches.${name}.label`),
    hint: t(`switches.${name}.hint`),
    on: preferences[name],
  }));
  return (
    <>
      <PreferenceForm
        switches={switches}
        choices={choices}
        note={t("preferencesNote")}
        saved={t("preferencesSaved")}
        errors={errors}
      />
      <p className="text-sm text-muted scripted:hidden">{t("preferencesScript")}</p>
    </>
  );
}
