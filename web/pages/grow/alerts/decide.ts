import { useMemo } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { useKeys } from '#web/keys.ts';

const dayMs = 86_400_000;
/** How long one may put an alert off: words and days. */
export const delays = [
  ['For a day', 1],
  ['For three days', 3],
  ['For a week', 7],
] as const;

export type Decisions = ReturnType<typeof useDecisions>;

export function useDecisions() {
  const refreshes = [['alerts'], ['alert-mutes']];
  const acknowledging = useChange(api.alerts.acknowledge, { refreshes, says: 'Acknowledged' });
  const snoozing = useChange(api.alerts.snooze, { refreshes, says: 'Snoozed' });
  const muting = useChange(api.alerts.mute, { refreshes, says: 'Muted; it stands under “Rules”' });
  return {
    error: acknowledging.error ?? snoozing.error ?? muting.error,
    isBusy: acknowledging.isPending || snoozing.isPending || muting.isPending,
    acknowledge: (alertId: string) => acknowledging.mutate({ alertId }),
    snooze: (alertId: string, days: number) =>
      snoozing.mutate({ alertId, until: new Date(Date.now() + days * dayMs).toISOString() }),
    mute: (alertId: string) => muting.mutate({ alertId, until: null }),
  };
}

/** J and K walk through the alerts; A acknowledges, S snoozes for a day and M mutes the one that has the focus. */
export function useAlertKeys({ acknowledge, snooze, mute }: Decisions): void {
  useKeys(
    useMemo(() => {
      const rows = () => [...document.querySelectorAll<HTMLElement>('[data-alert]')];
      const focused = () => document.activeElement?.closest<HTMLElement>('[data-alert]') ?? null;
      const move = (by: number) => {
        const all = rows();
        const at = focused() ? all.indexOf(focused()!) + by : 0;
        all[Math.max(0, Math.min(all.length - 1, at))]?.focus();
      };
      const decide = (run: (alertId: string) => void) => {
        const alertId = focused()?.dataset.alert;
        if (alertId) run(alertId);
      };
      return {
        j: () => move(1),
        k: () => move(-1),
        a: () => decide(acknowledge),
        s: () => decide((alertId) => snooze(alertId, 1)),
        m: () => decide(mute),
      };
    }, [acknowledge, snooze, mute]),
  );
}
