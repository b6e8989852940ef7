import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Agent, buildConnector, fetch as send } from 'undici';
import { NotPermitted } from '#src/outside/http.ts';
import { bareHost, checkedLookup, isPublicAddress } from '#src/outside/web/guard.ts';

/**
 * `fetch` for model servers. A model may run on this machine or on a network at home, so those are let through, unlike
 * for other addresses that people give; what answers for the machine itself to anybody who asks (the link-local metadata
 * service of clouds, in all its spellings) and what is no host at all is not.
 */
export const modelFetch = ((input: Parameters<typeof fetch>[0], init?: RequestInit) =>
  send(input as Parameters<typeof send>[0], {
    ...(init as Parameters<typeof send>[1]),
    dispatcher: agent,
  })) as unknown as typeof fetch;

/** Whether a model may be asked at this address. */
export function isModelAddress(address: string): boolean {
  if (isPublicAddress(address)) return true;
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (METADATA.has(parsed.toString())) return false;
  return ['private', 'loopback', 'uniqueLocal', 'carrierGradeNat'].includes(parsed.range());
}

/** Alibaba's and AWS's services for the machine itself, in ranges that are otherwise somebody's network. */
const METADATA = new Set(['100.100.100.200', 'fd00:ec2::254']);

const agent = new Agent({
  allowH2: false,
  connect(options, callback) {
    const host = bareHost(options.hostname);
    if (isIP(host) && !isModelAddress(host))
      return process.nextTick(callback, new NotPermitted('no model can be at this address'), null);
    buildConnector({ timeout: 10_000, allowH2: false, lookup: checkedLookup(isModelAddress) })(options, callback);
  },
});
