import { type Document, type Fields, isFields, type Path } from '#src/doors/cli/lab/json.ts';
import { customerMovements, type MrrState, mrrSteps } from '#src/measure/mrr/history.ts';
import { arr, type MrrItem, type MrrSubscription } from '#src/measure/mrr.ts';
import { type Amounts, amountsIn } from './amounts.ts';
import { movementName } from './history.ts';
import { freshSubscription, intervalOf, pick } from './state.ts';

/**
 * The life of one customer as steps, a day apart: each a sentence over the plans of the file ("subscribes: 4 gold
 * yearly", "adds 2 silver monthly", "cancels the 2 silver", "re-subscribes: 3 gold monthly"), or an object with
 * "action", "plan", "quantity" and "interval". What stands behind a comma or semicolon is a remark.
 */
export function stepsOf(document: Document, value: Fields, at: Path, currency: string | null) {
  const amounts = amountsIn(currency ?? 'USD');
  const lives = new Map<string, MrrState[]>();
  const steps = (value.steps as unknown[]).map((step, index) => {
    const path = [...at, 'steps', index];
    if (!isFields(step)) throw document.wrong(path, 'a step is an object with "event".');
    const told = typeof step.event === 'string' && step.action === undefined ? sentence(step.event) : actionOf(step);
    if (told === null) {
      throw document.wrong(
        path,
        `this step is not understood: ${JSON.stringify(step.event ?? step.action)}. Say "subscribes:", "adds", "removes", "changes to" or "cancels", then number, plan and interval.`,
      );
    }
    apply(document, value, path, told, lives, new Date(Date.UTC(2000, 0, 1 + index)), amounts);
    return step;
  });
  const end = new Date(Date.UTC(2000, 0, 1 + steps.length));
  const movements = customerMovements(
    [...lives].map(([subscriptionId, states]) => ({ subscriptionId, steps: mrrSteps(states, end).steps })),
  );
  let mrr = 0n;
  const answers = steps.map((step, index) => {
    const day = Date.UTC(2000, 0, 1 + index);
    const made = movements.filter((each) => each.at.getTime() === day);
    const amount = made.reduce((sum, each) => sum + each.amount, 0n);
    mrr += amount;
    // Of several changes in one step the last tells what it was in all, unless they cancel out.
    const kind = amount === 0n ? null : (made.find((each) => each.amount > 0n === amount > 0n)?.kind ?? null);
    return {
      event: step.event ?? step.action,
      movement: kind === null ? null : movementName(kind),
      amount: amounts.out(amount),
      mrr_after: amounts.out(mrr),
    };
  });
  return { currency: amounts.currency, steps: answers, mrr: amounts.out(mrr), arr: amounts.out(arr(mrr)) };
}

type Told = {
  action: 'add' | 'remove' | 'change' | 'cancel';
  quantity: number | null;
  plan: string | null;
  interval: MrrItem['interval'] | null;
};

const actions: { [word: string]: Told['action'] } = {
  subscribes: 'add',
  subscribe: 'add',
  resubscribes: 'add',
  adds: 'add',
  add: 'add',
  buys: 'add',
  reactivates: 'add',
  removes: 'remove',
  remove: 'remove',
  drops: 'remove',
  changes: 'change',
  change: 'change',
  upgrades: 'change',
  downgrades: 'change',
  switches: 'change',
  renews: 'change',
  cancels: 'cancel',
  cancel: 'cancel',
  ends: 'cancel',
};

function sentence(text: string): Told | null {
  const words = text
    .split(/[,;]/)[0]!
    .toLowerCase()
    .replaceAll('re-', 're')
    .split(/[\s:]+/)
    .filter(Boolean);
  const action = actions[words[0] ?? ''];
  if (action === undefined) return null;
  const rest = words
    .slice(1)
    .filter((word) => !['the', 'to', 'of', 'seats', 'seat', 'mid-cycle', 'all'].includes(word));
  const quantity = rest.find((word) => /^\d+$/.test(word));
  const interval = rest.map(intervalOf).find((each) => each !== null) ?? null;
  const plan = rest.find((word) => !/^\d+$/.test(word) && intervalOf(word) === null) ?? null;
  return { action, quantity: quantity === undefined ? null : Number(quantity), plan, interval };
}

function actionOf(step: Fields): Told | null {
  const action =
    actions[
      String(step.action ?? step.event ?? '')
        .toLowerCase()
        .replaceAll('-', '')
    ];
  const quantity = pick(step, 'quantity');
  if (action === undefined || (quantity !== undefined && !Number.isSafeInteger(quantity))) return null;
  return {
    action,
    quantity: typeof quantity === 'number' ? quantity : null,
    plan: typeof step.plan === 'string' ? step.plan.toLowerCase() : null,
    interval: intervalOf(step.interval),
  };
}

function apply(
  document: Document,
  file: Fields,
  path: Path,
  told: Told,
  lives: Map<string, MrrState[]>,
  at: Date,
  amounts: Amounts,
): void {
  const stateOf = (key: string) => lives.get(key)?.at(-1)?.subscription ?? null;
  const running = [...lives.keys()].filter((key) => stateOf(key)!.status === 'active');
  const put = (key: string, subscription: MrrSubscription) => {
    lives.set(key, [...(lives.get(key) ?? []), { at, currency: amounts.currency, subscription }]);
  };
  const matching = running.filter((key) => {
    const [plan, interval] = key.split(' ');
    return (told.plan === null || told.plan === plan) && (told.interval === null || told.interval === interval);
  });
  if (told.action === 'cancel' || told.action === 'remove') {
    if (matching.length === 0) throw document.wrong(path, 'there is no such subscription to cancel.');
    for (const key of matching) {
      const [item] = stateOf(key)!.items;
      const left = item!.quantity - (told.quantity ?? item!.quantity);
      if (left < 0) throw document.wrong(path, `${told.quantity} are more than the ${item!.quantity} there are.`);
      put(
        key,
        left === 0
          ? { ...stateOf(key)!, status: 'canceled' }
          : { ...freshSubscription, items: [{ ...item!, quantity: left }] },
      );
    }
    return;
  }
  const plans = isFields(file.plans) ? file.plans : {};
  const plan = Object.keys(plans).find((name) => name.toLowerCase() === (told.plan ?? matching[0]?.split(' ')[0]));
  const prices = plan === undefined ? undefined : plans[plan];
  if (!isFields(prices)) throw document.wrong(path, `there is no plan "${told.plan ?? ''}" in "plans".`);
  const interval =
    told.interval ?? matching.map((key) => intervalOf(key.split(' ')[1])).find((each) => each !== null) ?? 'month';
  const price = amounts.minor(prices[interval]);
  if (price === null) throw document.wrong(path, `the plan "${plan}" has no price per ${interval}.`);
  const key = `${plan!.toLowerCase()} ${interval}`;
  const isRunning = stateOf(key)?.status === 'active';
  const had = isRunning ? stateOf(key)!.items[0]!.quantity : 0;
  if (told.action === 'change')
    for (const other of running) if (other !== key) put(other, { ...stateOf(other)!, status: 'canceled' });
  const quantity =
    told.action === 'add'
      ? had + (told.quantity ?? 1)
      : (told.quantity ??
        (had || running.reduce((sum, each) => sum + (stateOf(each)!.items[0]?.quantity ?? 0), 0) || 1));
  const item: MrrItem = {
    quantity,
    unitAmount: null,
    unitAmountDecimal: price,
    interval,
    intervalCount: 1,
    usageType: 'licensed',
    discounts: [],
  };
  put(key, { ...freshSubscription, items: [item] });
}
