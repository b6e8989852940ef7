/** So many events a minute from one address to one app are no page any more, even for an office behind one router. */
const MOST_A_MINUTE = 1200;
const MINUTE = 60_000;
/** Beyond so many senders in one minute nobody is held back: memory is worth more than the limit. */
const MOST_SENDERS = 200_000;

export type Limit = { allows(sender: string, now: number): boolean };

/**
 * Lets each sender do something so often a minute, in this process: a sliding window, in which the minute before counts
 * by the part of it that still lies within.
 */
export function openLimit(most: number = MOST_A_MINUTE): Limit {
  let minute = 0;
  let before = new Map<string, number>();
  let current = new Map<string, number>();
  return {
    allows(sender, now) {
      const this_ = Math.floor(now / MINUTE);
      if (this_ !== minute) {
        before = this_ === minute + 1 ? current : new Map();
        current = new Map();
        minute = this_;
      }
      const times = current.get(sender) ?? 0;
      const left = 1 - (now % MINUTE) / MINUTE;
      if ((before.get(sender) ?? 0) * left + times >= most) return false;
      if (times > 0 || current.size < MOST_SENDERS) current.set(sender, times + 1);
      return true;
    },
  };
}

/** By what a sender is told apart: of IPv6 the network, because one machine has all addresses of it. */
export function senderOf(address: string): string {
  return address.includes(':') && !address.includes('.') ? networkOf(address) : address;
}

/** The first 64 bits of an IPv6 address, as they are written. */
function networkOf(address: string): string {
  const [head = ''] = address.split('::');
  return head.split(':').slice(0, 4).join(':');
}

/** Whether an address stands for one sender. This machine's own is a proxy's that nobody has declared: it is everybody. */
export function isOneSender(address: string | null): address is string {
  return address !== null && !/^(?:::ffff:)?127\.|^::1$/.test(address);
}
