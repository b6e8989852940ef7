import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { readConfig } from '#src/config.ts';
import { addressOf } from '#src/doors/http/caller.ts';

async function told(proxies: number, forwarded?: string): Promise<string> {
  const app = new Hono();
  const config = readConfig({ TRUSTED_PROXIES: String(proxies) });
  app.get('/', (request) => request.text(addressOf({ config }, request) ?? 'unknown'));
  return (await app.request('/', { headers: forwarded ? { 'x-forwarded-for': forwarded } : {} })).text();
}

describe('the caller’s address', () => {
  test('is not taken from a header when no proxy of ours stands in front', async () => {
    expect(await told(0, '203.0.113.7')).toBe('unknown');
  });

  test('is what our proxy added, not what the caller invented before it', async () => {
    expect(await told(1, '198.51.100.1, 203.0.113.7')).toBe('203.0.113.7');
    expect(await told(2, '198.51.100.1, 203.0.113.7, 10.0.0.2')).toBe('203.0.113.7');
    expect(await told(1, '2001:db8::1')).toBe('2001:db8::1');
  });

  test('is not known when the header holds no address, or fewer than there are proxies', async () => {
    expect(await told(1, 'unknown')).toBe('unknown');
    expect(await told(2, '203.0.113.7')).toBe('unknown');
    expect(await told(1)).toBe('unknown');
  });
});
