import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seeded } from '#src/measure/random.ts';
import { published } from '#test/published.ts';
import { classify, classOfName, readAgent } from './agent.ts';
import { type BurstVisit, burstIn, type Usual } from './agent-bursts.ts';
import { botRules, humanExceptions, looksLikeBrowser } from './agent-patterns.ts';

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
    ['facebookexternalhit/1.1 Facebot Twitterbot/1.0', 'preview', 'iMessage'],
    ['Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)', 'preview', 'Discordbot'],
    ['TelegramBot (like TwitterBot)', 'preview', 'TelegramBot'],
    ['LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)', 'preview', 'LinkedInBot'],
    [`Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ChatGPT-User/1.0)`, 'assistant', 'ChatGPT-User'],
    [
      'Mozilla/5.0 (compatible; Perplexity-User/1.0; +https://perplexity.ai/perplexity-user)',
      'assistant',
      'Perplexity-User',
    ],
    [
      'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)',
      'mail',
      'GoogleImageProxy',
    ],
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

/** Chrome 88, Firefox 85, Safari 14 and Android 11 are of January 2021 or later. */
const recent = (ua: string) =>
  [/Chrome\/(\d+)/, /Firefox\/(\d+)/, /Version\/(\d+)[\d.]* (?:Mobile|Safari)/].some((pattern, index) => {
    const major = Number(pattern.exec(ua)?.[1] ?? 0);
    return major >= ([88, 85, 14][index] ?? 0);
  });

describe.skipIf(data === null)('24,393 published user agents (skipped where shared/data is absent)', () => {
  type Known = { ua: string; name: string };
  const { bots, humans }: { bots: Known[]; humans: string[] } = JSON.parse(data ?? '{"bots":[],"humans":[]}');

  test('bots are found, people are left alone', () => {
    const missed = bots.filter(({ ua }) => readAgent(ua).bot === null);
    const accused = humans.filter((ua) => readAgent(ua).bot !== null);
    const accusedNow = accused.filter(recent);
    expect(1 - missed.length / bots.length).toBeGreaterThanOrEqual(0.993);
    expect(accused.length / humans.length).toBeLessThanOrEqual(0.003);
    expect(accusedNow.length / humans.filter(recent).length).toBeLessThanOrEqual(0.001);
  });

  // Ten times half of the names are taken away, and with them every alternative of a rule that only they needed.
  test('so are bots whose names nobody told us', () => {
    const named = botRules.slice(0, FIRST_GENERAL).flatMap(([, pattern]) => alternatives(pattern));
    const isGeneral = (ua: string) => {
      const text = ua.replaceAll(humanExceptions, ' ');
      const found = botRules.slice(FIRST_GENERAL).some(([, rule, , unless]) => rule.test(text) && !unless?.test(text));
      return found || !looksLikeBrowser.test(ua);
    };
    const hard = bots.filter(({ ua }) => !isGeneral(ua));
    const names = [...new Set(bots.map(({ name }) => name))];
    let [asked, missed] = [0, 0];
    for (let turn = 0; turn < 10; turn++) {
      const held = new Set(names.filter((_, index) => (index * 7919 + turn * 104_729) % 97 < 49));
      const kept = named.filter((one) => bots.some(({ ua, name }) => !held.has(name) && one.test(ua)));
      asked += bots.filter(({ name }) => held.has(name)).length;
      missed += hard.filter(({ ua, name }) => held.has(name) && !kept.some((one) => one.test(ua))).length;
    }
    expect(1 - missed / asked).toBeGreaterThanOrEqual(0.985);
  });
});

/** The rules from here on know nobody by name. */
const FIRST_GENERAL = botRules.findIndex(([, pattern]) => pattern.source.startsWith('crawl|spider'));

function alternatives({ source, flags }: RegExp): RegExp[] {
  const parts: string[] = [''];
  let depth = 0;
  for (const token of source.match(/\\.|[^\\]/g) ?? []) {
    if ('(['.includes(token)) depth++;
    if (')]'.includes(token)) depth--;
    if (token === '|' && depth === 0) parts.push('');
    else parts[parts.length - 1] += token;
  }
  return parts.map((part) => new RegExp(part, flags));
}

describe('browsers of today that no list of devices has', () => {
  const onWindows = `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)`;
  test.each([
    `${onWindows} Chrome/143.0.0.0 Safari/537.36 OPR/119.0.0.0 (Edition std-1)`,
    `${onWindows} Slack/4.41 Chrome/130.0.6723.191 Electron/33.4.11 Safari/537.36`,
    `${iphone} Mobile/15E148 LinkedInApp/9.30`,
    `${iphone} Mobile/15E148 NewsBreak/25.2`,
    `${iphone} Mobile/15E148 [FBAN/FBIOS;FBAV/498.0]`,
    `Mozilla/5.0 (Linux; Android 14; SM-S918B; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/143.0.0.0 Mobile Safari/537.36 SmartNews`,
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Safari/605.1.15 Ddg/18.3',
    'Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:135.0) Gecko/20100101 Firefox/135.0',
  ])('%s', (text) => expect(readAgent(text).bot).toBeNull());
});

describe('what a request says beside its user agent', () => {
  const userAgent = `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome} Safari/537.36`;
  const person = { userAgent, acceptLanguage: 'en', width: 1280 };

  test('one weak sign makes unsure, two make a bot, a steered browser is one', () => {
    expect(classify(person)).toMatchObject({
      agentClass: 'human',
      agentName: null,
      device: 'desktop',
      browser: 'Chrome',
    });
    expect(classify({ userAgent })).toMatchObject({ agentClass: 'human' });
    expect(classify({ ...person, acceptLanguage: null })).toMatchObject({
      agentClass: 'unsure',
      agentName: 'No language',
    });
    expect(classify({ ...person, acceptLanguage: null, width: 99_999 })).toMatchObject({
      agentClass: 'bot',
      agentName: 'No language and Impossible window',
    });
    expect(classify({ ...person, automated: true })).toMatchObject({
      agentClass: 'bot',
      agentName: 'Automated browser',
    });
    expect(classify({ userAgent: '' })).toMatchObject({ agentClass: 'bot', agentName: 'No user agent' });
    expect(classify({ userAgent: 'Oddity/1.0', width: 400 })).toMatchObject({ agentClass: 'unsure', device: 'phone' });
  });

  test('the owner has the last word', () => {
    const rules = new Map([
      ['Chrome', 'bot'],
      ['curl', 'person'],
    ] as const);
    expect(classify(person, rules)).toMatchObject({ agentClass: 'bot', agentName: 'Chrome' });
    expect(classify({ userAgent: 'curl/8.7.1' }, rules)).toMatchObject({ agentClass: 'human', agentName: 'curl' });
  });

  test.each([
    ['Googlebot', 'bot'],
    ['Slackbot-LinkExpanding', 'preview'],
    ['iMessage', 'preview'],
    ['Burst', 'bot'],
    ['No language', 'unsure'],
    ['Chrome', 'human'],
    [null, 'human'],
  ] as const)('%s stands for %s', (name, agentClass) => expect(classOfName(name)).toBe(agentClass));
});

describe('a burst from a data centre', () => {
  const usual: Usual = { visits: 2000, sameAgent: 160, direct: 900, bounced: 630 };
  const times = (count: number, over: number) => Array.from({ length: count }, (_, index) => (index * over) / count);
  const visits = (count: number, plain = count, over = 300_000): BurstVisit[] =>
    times(count, over).map((at, index) => ({ id: `${index}`, at, visitor: `v${index}`, plain: index < plain }));

  test('is found: many at once, of one kind, none of whom looks further', () => {
    expect(burstIn(visits(60), [], usual, 25)).toHaveLength(60);
    expect(burstIn(visits(60), times(10, 300_000), usual, 25)).toHaveLength(60);
  });

  test.each([
    ['a crowd of the usual mix', visits(60), times(640, 300_000), usual],
    ['people of whom some look further', visits(60, 50), [], usual],
    ['fewer than asked for', visits(24), [], usual],
    ['the same over an hour', visits(60, 60, 3_600_000), [], usual],
    ['an app whose visitors are all alike', visits(60), [], { ...usual, sameAgent: 1950 }],
    ['an app whose visitors all see one page', visits(60), [], { ...usual, bounced: 895 }],
    ['one visitor over and over', visits(60).map((one) => ({ ...one, visitor: 'v' })), [], usual],
    ['too little known, and no more than twice as many', visits(45), [], { ...usual, visits: 20 }],
  ])('is not: %s', (_, some, others, known) => expect(burstIn(some, others, known, 25)).toEqual([]));

  test('happens by chance to nobody: 20 sites, 200 windows each of their usual traffic', () => {
    const chance = seeded(7);
    for (let site = 0; site < 20; site++) {
      const share = 0.05 + chance.uniform() * 0.6;
      const bounce = 0.3 + chance.uniform() * 0.6;
      const known = {
        visits: 4000,
        sameAgent: Math.round(4000 * share),
        direct: 2000,
        bounced: Math.round(2000 * bounce),
      };
      for (let window = 0; window < 200; window++) {
        const all = times(100, 600_000).map((at) => ({
          at,
          own: chance.uniform() < share,
          plain: chance.uniform() < bounce,
        }));
        const own = all.filter((one) => one.own).map(({ at, plain }) => ({ id: `${at}`, at, visitor: `${at}`, plain }));
        const others = all.filter((one) => !one.own).map((one) => one.at);
        expect(burstIn(own, others, known, 10)).toEqual([]);
      }
    }
  });
});

test('any text is an answer', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => void readAgent(text)));
  expect(readAgent(null).bot).not.toBeNull();
});
