import { expect, test } from 'vitest';
import { scrubPath, scrubText } from '#src/measure/events/scrub.ts';

test.each([
  ['/users/ann@example.com/edit', '/users/[email]/edit'],
  ['/users/ann%40example.com', '/users/[email]'],
  ['/reset/6f1c1a9e-0d4b-4a63-9d5e-4f1f3f0b7a11', '/reset/[token]'],
  ['/auth/callback/Zk39dfQ2', '/auth/callback/[token]'],
  ['/x/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.sig', '/x/[token]'],
  ['/files/9e107d9d372bb6826bd81d3542a419d6', '/files/[token]'],
  ['/s/aB3dE5gH7jK9mN1pQ3sT5', '/s/[token]'],
])('%s is kept as %s', (path, kept) => {
  expect(scrubPath(path)).toBe(kept);
});

test.each([
  '/blog/how-we-got-our-first-100-users-in-2026',
  '/projects/6f1c1a9e-0d4b-4a63-9d5e-4f1f3f0b7a11',
  '/@maya/status/1234567890123456789',
  '/docs/getting-started/installation-and-configuration',
  '/verify/email-address',
  '/login/forgotten',
  '/',
])('%s stays', (path) => {
  expect(scrubPath(path)).toBe(path);
});

test('a campaign keeps its name, not an address in it', () => {
  expect(scrubText('launch to ann@example.com')).toBe('launch to [email]');
  expect(scrubText(null)).toBeNull();
});

test('a long run that looks like an address almost to its end is looked at once', () => {
  const run = `${'a'.repeat(100_000)}@${'.'.repeat(100_000)}`;
  expect(scrubText(run)).toBe(run);
  expect(scrubText(`see ${'a'.repeat(50_000)}@example.com now`)).toBe('see [email] now');
});
