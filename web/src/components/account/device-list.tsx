"use client";

import { MonitorSmartphone } from "lucide-react";
import { useRouter } from "next/navigation";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { browserApi } from "@/lib/api/browser";
import { dataOf } from "@/lib/api/failure";
import { ActionNote } from "./action-note";
import { useAction, type ActionLabels } from "./use-action";

export type DeviceItem = { id: string; name: string; details: string; current: boolean; end: string };
type Labels = { thisDevice: string; end: string; endOthers: string; ended: string };
type Props = { devices: DeviceItem[]; labels: Labels; errors: ActionLabels };

export function DeviceList({ devices, labels, errors }: Props) {
  const router = useRouter();
  const { state, run } = useAction(errors);

  const end = (id: string) =>
    run(labels.ended, async () => {
      const params = { path: { session_id: id } };
      await dataOf(browserApi.DELETE("/api/users/me/sessions/{session_id}", { params }));
      router.refresh();
    });
  const endOthers = () =>
    run(labels.ended, async () => {
      await dataOf(browserApi.DELETE("/api/users/me/sessions"));
      router.refresh();
    });

  return (
    <div className="grid gap-4">
      <ul className="border-t border-line">
        {devices.map((device) => (
          <li key={device.id} className="flex items-center gap-4 border-b border-line py-3">
            <MonitorSmartphone aria-hidden className="size-5 shrink-0 text-muted" />
            <div className="min-w-0 grow">
              <p className="flex flex-wrap items-center gap-2 text-sm font-medium">
                {device.name}
                {device.current && <Badge>{labels.thisDevice}</Badge>}
              </p>
              <p className="tabular text-xs text-muted">{device.details}</p>
            </div>
            {!device.current && (
              <Button variant="secondary" size="small" aria-label={device.end} onClick={() => end(device.id)} aria-disabled={state.busy}>
                {labels.end}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <ActionNote state={state} />
      {devices.length > 1 && (
        <Button variant="danger" className="justify-self-start" onClick={endOthers} aria-disabled={state.busy}>
          {labels.endOthers}
        </Button>
      )}
    </div>
  );
}
