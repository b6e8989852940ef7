import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { countryOf, openDatabase, proxyCountry } from './country.ts';

const folder = mkdtempSync(join(tmpdir(), 'fanfare-country-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const nowhere = { proxyCountry: null, timeZone: null, address: null, database: null };

describe('the time zone of the browser', () => {
  test.each([
    ['Europe/Berlin', 'DE'],
    ['Europe/Amsterdam', 'NL'],
    ['America/New_York', 'US'],
    ['Asia/Calcutta', 'IN'],
    ['Australia/Lord_Howe', 'AU'],
    ['UTC', null],
    ['Etc/GMT+5', null],
    ['Nowhere/Nothing', null],
    ['__proto__', null],
    ['x'.repeat(100), null],
  ])('%s: %s', (timeZone, country) => expect(countryOf({ ...nowhere, timeZone })).toBe(country));
});

describe('what a proxy says', () => {
  const header = (headers: Record<string, string>) => (name: string) => headers[name];

  test('is believed behind proxies of ours only, and beats everything else', () => {
    expect(proxyCountry(header({ 'cf-ipcountry': 'fr' }), 1)).toBe('FR');
    expect(proxyCountry(header({ 'x-vercel-ip-country': 'BR' }), 1)).toBe('BR');
    expect(proxyCountry(header({ 'cloudfront-viewer-country': 'JP' }), 2)).toBe('JP');
    expect(proxyCountry(header({ 'cf-ipcountry': 'FR' }), 0)).toBeNull();
    expect(countryOf({ ...nowhere, proxyCountry: 'FR', timeZone: 'Europe/Berlin' })).toBe('FR');
  });

  test.each(['XX', 'T1', '', 'Germany', 'ZZ'])('%j is no country', (code) =>
    expect(proxyCountry(header({ 'cf-ipcountry': code }), 1)).toBeNull(),
  );
});

describe('the owner’s database', () => {
  test.each([
    ['GeoLite2 and DB-IP', map({ country: map({ iso_code: text('NO') }) })],
    ['IPinfo', map({ country_code: text('NO') })],
    ['only a registration', map({ registered_country: map({ iso_code: text('NO') }) })],
  ])('of the form of %s', (name, answer) => {
    const database = join(folder, `${name.replaceAll(' ', '-')}.mmdb`);
    writeFileSync(database, mmdb(answer));
    openDatabase(database);
    const asked = { ...nowhere, database, timeZone: 'Europe/Berlin' };
    // The file knows the lower half of all addresses.
    expect(countryOf({ ...asked, address: '1.2.3.4' })).toBe('NO');
    expect(countryOf({ ...asked, address: '203.0.113.9' })).toBe('DE');
    expect(countryOf({ ...asked, address: 'unknown' })).toBe('DE');
    expect(countryOf({ ...asked, address: '1.2.3.4', proxyCountry: 'FR' })).toBe('FR');
  });

  test('that is none says so with its path', () => {
    const path = join(folder, 'nothing.mmdb');
    expect(() => openDatabase(path)).toThrow(/GEO_DATABASE: .*nothing\.mmdb cannot be read/);
    writeFileSync(path, 'text');
    expect(() => openDatabase(path)).toThrow(/GEO_DATABASE/);
  });
});

// The smallest file of MaxMind's format 2.0: one node, one answer, and what the file says of itself ----------------------

function text(value: string): Buffer {
  return Buffer.concat([control(2, Buffer.byteLength(value)), Buffer.from(value)]);
}

function whole(value: number): Buffer {
  return Buffer.concat([control(6, 4), Buffer.from([0, 0, value >> 8, value & 255])]);
}

function map(entries: Record<string, Buffer>): Buffer {
  const pairs = Object.entries(entries).flatMap(([name, value]) => [text(name), value]);
  return Buffer.concat([control(7, Object.keys(entries).length), ...pairs]);
}

function control(type: number, size: number): Buffer {
  return size < 29 ? Buffer.from([(type << 5) | size]) : Buffer.from([(type << 5) | 29, size - 29]);
}

function mmdb(answer: Buffer): Buffer {
  // Left: the answer, at node count + 16; right: nothing.
  const tree = Buffer.from([0, 0, 17, 0, 0, 1]);
  const about = map({
    binary_format_major_version: whole(2),
    binary_format_minor_version: whole(0),
    build_epoch: whole(1),
    database_type: text('Test'),
    description: map({}),
    ip_version: whole(4),
    languages: Buffer.concat([Buffer.from([0, 4])]),
    node_count: whole(1),
    record_size: whole(24),
  });
  const marker = Buffer.concat([Buffer.from([0xab, 0xcd, 0xef]), Buffer.from('MaxMind.com')]);
  return Buffer.concat([tree, Buffer.alloc(16), answer, marker, about]);
}
