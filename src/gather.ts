/** Takes items one by one and hands them on together. */
export type Gatherer<T> = {
  add(key: string, item: T): void;
  /** Returns when nothing is waiting or being worked on. */
  rest(): Promise<void>;
};

/**
 * Gathers items by key. While a batch of a key is being worked on, its new items wait and go together when it is done:
 * there is no timer, a single item waits for nobody. `lanes` batches, of different keys, are worked on at a time. `work`
 * may not throw; what it returns is called when the next batch is on its way.
 */
export function gather<T>(
  { lanes, largest }: { lanes: number; largest: number },
  // biome-ignore lint/suspicious/noConfusingVoidType: most have nothing to say afterwards.
  work: (key: string, batch: T[]) => Promise<void | (() => void)>,
): Gatherer<T> {
  const queues = new Map<string, T[]>();
  const busy = new Set<string>();
  const resting: (() => void)[] = [];

  /** One turn of the loop later whatever came in with the first is there, too. */
  const begin = async (key: string) => {
    busy.add(key);
    await new Promise(setImmediate);
    await run(key);
  };
  const run = async (key: string) => {
    busy.add(key);
    const queue = queues.get(key) ?? [];
    const after = await work(key, queue.splice(0, largest));
    busy.delete(key);
    // Behind the others, so that a busy key does not keep the lane.
    queues.delete(key);
    if (queue.length > 0) queues.set(key, queue);
    start();
    after?.();
  };
  const start = () => {
    for (const key of queues.keys()) {
      if (busy.size >= lanes) return;
      if (!busy.has(key)) void run(key);
    }
    if (busy.size === 0) for (const wake of resting.splice(0)) wake();
  };

  return {
    add(key, item) {
      const queue = queues.get(key);
      if (queue) queue.push(item);
      else queues.set(key, [item]);
      if (busy.size < lanes && !busy.has(key)) void begin(key);
    },
    rest: () => (busy.size === 0 ? Promise.resolve() : new Promise((resolve) => resting.push(resolve))),
  };
}
