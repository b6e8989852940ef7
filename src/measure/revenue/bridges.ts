import { type Movement, type MrrBridge, movement, mrrBridge } from '#src/measure/mrr.ts';

/** By how much a customer's MRR changed in a slot of time; slot 0 is everything before the first one. */
export type Change = { who: string; slot: number; change: bigint };

export type Bridge = MrrBridge & {
  customers: { opening: number; new: number; reactivated: number; lost: number; closing: number };
  /** (new + expansion + reactivation) / (contraction + churn); null when nothing was lost. */
  quickRatio: number | null;
  /** Shares of the opening MRR; negative net churn means that it grew. Null when there was none. */
  grossChurn: number | null;
  netChurn: number | null;
  /** Share of the opening customers who are gone; null when there were none. */
  logoChurn: number | null;
};

/**
 * From opening to closing MRR for each of `slots` and for all of them as one. Within a slot a customer's ups and downs
 * are netted: each customer has one movement in it, so months split into days end in the same closing MRR. Rows of one
 * customer and slot are summed. Opening + movements = closing, exactly.
 */
export function bridgesOf(changes: readonly Change[], slots: number): { each: Bridge[]; whole: Bridge } {
  const moved: Movement[][] = Array.from({ length: slots }, () => []);
  const counts = Array.from({ length: slots }, () => ({ opening: 0, closing: 0 }));
  const whole: Movement[] = [];
  const wholeCounts = { opening: 0, closing: 0 };
  let opening = 0n;
  for (const own of Map.groupBy(changes, (row) => row.who).values()) {
    const bySlot = new Map<number, bigint>();
    for (const { slot, change } of own) bySlot.set(slot, (bySlot.get(slot) ?? 0n) + change);
    const start = bySlot.get(0) ?? 0n;
    let [balance, everPaid] = [start, bySlot.has(0)];
    opening += start;
    for (let slot = 1; slot <= slots; slot++) {
      const change = bySlot.get(slot);
      const count = counts[slot - 1];
      if (count && balance > 0n) count.opening++;
      if (change !== undefined) {
        const made = movement(balance, balance + change, everPaid);
        if (made) moved[slot - 1]?.push(made);
        balance += change;
        everPaid = true;
      }
      if (count && balance > 0n) count.closing++;
    }
    const net = movement(start, balance, bySlot.has(0));
    if (net) whole.push(net);
    if (start > 0n) wholeCounts.opening++;
    if (balance > 0n) wholeCounts.closing++;
  }
  let level = opening;
  const each = moved.map((movements, index) => {
    const bridge = described(level, movements, counts[index] ?? { opening: 0, closing: 0 });
    level = bridge.closing;
    return bridge;
  });
  return { each, whole: described(opening, whole, wholeCounts) };
}

function described(opening: bigint, movements: Movement[], counts: { opening: number; closing: number }): Bridge {
  const bridge = mrrBridge(opening, movements);
  const of = (kind: Movement['kind']) => movements.filter((each) => each.kind === kind).length;
  const lost = -(bridge.contraction + bridge.churn);
  const won = bridge.new + bridge.expansion + bridge.reactivation;
  const gone = of('churn');
  return {
    ...bridge,
    customers: { ...counts, new: of('new'), reactivated: of('reactivation'), lost: gone },
    quickRatio: lost === 0n ? null : Number(won) / Number(lost),
    grossChurn: opening === 0n ? null : Number(lost) / Number(opening),
    netChurn: opening === 0n ? null : Number(lost - bridge.expansion) / Number(opening),
    logoChurn: counts.opening === 0 ? null : gone / counts.opening,
  };
}
