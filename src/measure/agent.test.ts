import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { published } from '#test/published.ts';
import { readAgent } from './agent.ts';

const iphone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)';
const chrome = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0';

describe('bots, by name and kind', () => {
  test.each([
    ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'crawler', 'Googlebot'],
    [
      `Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) ${chrome} Mobile Safari/537.36 (compatible; bingbot/2.0)`,
      'crawler',
      'bingbot',
    ],
    [
      `Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.1; +https://openai.com/gptbot)`,
      'ai',
      'GPTBot',
    ],
    ['Twitterbot/1.0', 'preview', 'Twitterbot'],
    ['Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)', 'preview', 'Slackbot-LinkExpanding'],
    ['WhatsApp/2.23.20.0', 'preview', 'WhatsApp'],
    [
      `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.0.0 Safari/537.36`,
      'headless',
      'HeadlessChrome',
    ],
    ['python-requests/2.31.0', 'library', 'python-requests'],
    ['curl/8.7.1', 'library', 'curl'],
    ['node', 'library', 'node'],
    ['Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)', 'monitor', 'UptimeRobot'],
    ['Something nobody has heard of', 'unknown', 'Something'],
    ['', 'unknown', 'No user agent'],
  ])('%s', (text, kind, name) => {
    expect(readAgent(text).bot).toEqual({ kind, name });
  });
});

describe('people, with device, browser and system', () => {
  test.each([
    [`${iphone} Version/18.0 Mobile/15E148 Safari/604.1`, 'phone', 'Safari', 'iOS'],
    [`${iphone} Mobile/15E148 [Pinterest/iOS]`, 'phone', 'Safari', 'iOS'],
    [`${iphone} Mobile/15E148 [FBAN/FBIOS;FBAV/436.0]`, 'phone', 'Facebook', 'iOS'],
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome} Safari/537.36 Edg/130.0.0.0`, 'desktop', 'Edge', 'Windows'],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:130.0) Gecko/20100101 Firefox/130.0',
      'desktop',
      'Firefox',
      'macOS',
    ],
    [`Mozilla/5.0 (Linux; Android 10; K) ${chrome} Mobile Safari/537.36`, 'phone', 'Chrome', 'Android'],
    [`Mozilla/5.0 (Linux; Android 10; SM-T510) ${chrome} Safari/537.36`, 'tablet', 'Chrome', 'Android'],
    [`Mozilla/5.0 (Linux; Android 13; Spider 8) ${chrome} Mobile Safari/537.36`, 'phone', 'Chrome', 'Android'],
    [`Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${chrome} Safari/537.36`, 'desktop', 'Chrome', 'Chrome OS'],
  ])('%s', (text, device, browser, os) => {
    expect(readAgent(text)).toEqual({ bot: null, device, browser, os });
  });
});

const data = published('bots/user-agents.json');

test.skipIf(data === null)('24,393 published user agents (skipped where shared/data is absent)', () => {
  const { bots, humans }: { bots: { ua: string }[]; humans: string[] } = JSON.parse(data ?? '{}');
  const missed = bots.filter(({ ua }) => readAgent(ua).bot === null);
  const accused = humans.filter((ua) => readAgent(ua).bot !== null);
  expect(1 - missed.length / bots.length).toBeGreaterThanOrEqual(0.993);
  expect(accused.length / humans.length).toBeLessThanOrEqual(0.003);
});

test('any text is an answer', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => void readAgent(text)));
  expect(readAgent(null).bot).not.toBeNull();
});
