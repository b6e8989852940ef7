import { callingOver, type Pools } from '#src/outside/http.ts';
import { guardedAgent, parseAllowed } from './guard.ts';

/**
 * Puts adapters behind the guard: whatever one of their functions calls reaches the public internet and what `allow`
 * names, nothing else, also when a name that was public when it was entered leads to a private address by now.
 */
export function behind(allow: string[]): <T extends object>(adapter: T) => T {
  const allowed = parseAllowed(allow);
  const pools: Pools = { readers: guardedAgent(allowed, 10_000), writers: guardedAgent(allowed, 10_000, true) };
  return (adapter) => wrap(adapter, pools);
}

function wrap<T extends object>(adapter: T, pools: Pools): T {
  const wrapped = Object.entries(adapter).map(([name, value]: [string, unknown]) => {
    if (typeof value === 'function')
      return [name, (...given: unknown[]) => callingOver(pools, () => Reflect.apply(value, adapter, given) as unknown)];
    const isPart = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
    return [name, isPart ? wrap(value, pools) : value];
  });
  return Object.fromEntries(wrapped) as T;
}
