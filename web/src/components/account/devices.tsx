import { useFormatter, useNow, useTranslations } from "next-intl";
import type { Device } from "@/lib/api/account";
import { readDevice } from "@/lib/device";
import { DeviceList, type DeviceItem } from "./device-list";
import type { ActionLabels } from "./use-action";

/** Where the person is signed in. */
export function Devices({ devices, errors }: { devices: Device[]; errors: ActionLabels }) {
  const t = useTranslations("Account");
  const [format, now] = [useFormatter(), useNow()];
  const items = devices.map((device): DeviceItem => {
    const read = readDevice(device.device);
    const name = read ? t("browserOn", read) : device.device || t("unknownDevice");
    const used = t("used", { when: format.relativeTime(new Date(device.used_at), now) });
    return {
      id: device.id,
      name,
      details: `${used} · ${t("address", { address: device.address })}`,
      current: device.current ?? false,
      end: t("endOf", { device: name }),
    };
  });
  const labels = { thisDevice: t("thisDevice"), end: t("end"), endOthers: t("endOthers"), ended: t("ended") };
  return <DeviceList devices={items} labels={labels} errors={errors} />;
}
