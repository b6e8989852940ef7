import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { published } from '#test/published.ts';
import { isSpamReferrer, readSource } from './source.ts';

const page = 'https://app.example/';
const from = (referrer: string | null, query = '') => readSource({ url: `${page}${query}`, referrer });

const cases = published('referrers/tests.json');

describe.skipIf(cases === null)('the published referrers (skipped where shared/data is absent)', () => {
  type Case = { spec: string; uri: string; medium: string; source: string; term: string | null };
  const all: Case[] = JSON.parse(cases ?? '[]');
  const ours: Record<string, string> = { search: 'organic', chatbot: 'ai-assistant', paid: 'cpc' };

  test.each(all)('$spec', ({ uri, medium, source, term }) => {
    expect(from(uri)).toMatchObject({ medium: ours[medium] ?? medium, source, term });
  });
});

describe('where people come from', () => {
  test.each([
    ['https://t.co/abc', 'X', 'Organic Social'],
    ['https://x.com/', 'X', 'Organic Social'],
    ['android-app://com.twitter.android/', 'X', 'Organic Social'],
    ['android-app://com.google.android.gm/', 'Gmail', 'Email'],
    ['android-app://org.telegram.messenger', 'Telegram', 'Organic Social'],
    ['https://go.bsky.app/redirect?u=x', 'Bluesky', 'Organic Social'],
    ['https://old.reddit.com/r/SideProject/', 'Reddit', 'Organic Social'],
    ['https://news.ycombinator.com/item?id=1', 'Hacker News', 'Organic Social'],
    ['https://www.youtube.com/watch?v=1', 'YouTube', 'Organic Video'],
    ['https://www.google.co.uk/', 'Google', 'Organic Search'],
    ['https://www.google.com.br/', 'Google', 'Organic Search'],
    ['https://mail.google.com/mail/u/0/', 'Gmail', 'Email'],
    ['https://gemini.google.com/app', 'Google Gemini', 'AI Assistant'],
    ['https://www.perplexity.ai/search/x', 'Perplexity', 'AI Assistant'],
    ['https://www.bing.com/chat', 'Microsoft Copilot', 'AI Assistant'],
    ['https://github.com/someone/something', 'GitHub', 'Referral'],
    ['https://www.a-blog.example/post', 'a-blog.example', 'Referral'],
    ['https://notgoogle.example/', 'notgoogle.example', 'Referral'],
    ['https://google.com.evil.example/', 'google.com.evil.example', 'Referral'],
  ])('%s', (referrer, source, channel) => {
    expect(from(referrer)).toMatchObject({ source, channel });
  });

  test.each([null, '', 'about:blank', 'nonsense', 'javascript:1', 'https://'])('%j is direct', (referrer) => {
    expect(from(referrer)).toMatchObject({ source: null, medium: null, channel: 'Direct' });
  });
});

describe('tags', () => {
  test.each([
    ['?utm_source=twitter&utm_medium=social&utm_campaign=launch', 'X', 'social', 'Organic Social'],
    ['?utm_source=x&utm_medium=paid', 'X', 'paid', 'Paid Social'],
    ['?utm_source=google&utm_medium=cpc', 'Google', 'cpc', 'Paid Search'],
    ['?utm_source=youtube.com&utm_medium=cpv', 'YouTube', 'cpv', 'Paid Video'],
    ['?utm_source=youtube.com&utm_medium=cpc', 'YouTube', 'cpc', 'Paid Video'],
    ['?utm_source=carbon&utm_medium=display', 'carbon', 'display', 'Display'],
    ['?utm_source=carbon&utm_medium=cpc', 'carbon', 'cpc', 'Paid Other'],
    ['?utm_source=newsletter&utm_medium=email', 'newsletter', 'email', 'Email'],
    ['?utm_source=weekly&utm_medium=Affiliate', 'weekly', 'affiliate', 'Affiliates'],
    ['?utm_source=chatgpt.com', 'ChatGPT', 'ai-assistant', 'AI Assistant'],
    ['?utm_source=mystery', 'mystery', null, 'Unassigned'],
    ['?ref=producthunt', 'Product Hunt', 'social', 'Organic Social'],
    ['?ref=some-directory', 'some-directory', 'referral', 'Referral'],
    ['?utm_source=app&utm_medium=push', 'app', 'push', 'Mobile Push Notifications'],
    ['?utm_source=podcast&utm_medium=audio', 'podcast', 'audio', 'Audio'],
    ['?utm_source=sms', 'sms', null, 'SMS'],
    ['?utm_source=google&utm_medium=cpc&utm_campaign=cross-network', 'Google', 'cpc', 'Cross-network'],
    ['?utm_source=amazon', 'Amazon', 'shopping', 'Organic Shopping'],
  ])('%s beats the referrer', (query, source, medium, channel) => {
    expect(from('https://www.google.com/?q=x', query)).toMatchObject({ source, medium, channel });
  });

  test('carry campaign, content and term; the referrer adds no term of another visit', () => {
    const query = '?utm_source=x&utm_campaign=launch&utm_content=thread&utm_term=seo';
    expect(from(null, query)).toMatchObject({ campaign: 'launch', content: 'thread', term: 'seo' });
    expect(from('https://duckduckgo.com/?q=secret', '?utm_source=x')).toMatchObject({ source: 'X', term: null });
    expect(from('https://duckduckgo.com/?q=cron+monitor')).toMatchObject({ term: 'cron monitor' });
  });
});

test('a click id tells of an advertisement, but not every one of Facebook is one', () => {
  expect(from('https://www.google.com/', '?gclid=abc')).toMatchObject({
    source: 'Google',
    medium: 'cpc',
    channel: 'Paid Search',
    clickId: 'gclid=abc',
  });
  expect(from(null, '?twclid=1')).toMatchObject({ source: 'X', channel: 'Paid Social' });
  expect(from(null, '?fbclid=1')).toMatchObject({ source: 'Facebook', channel: 'Organic Social' });
  expect(from(null, '?utm_source=partner&utm_medium=referral&gclid=abc')).toMatchObject({ source: 'partner' });
});

test('nobody is sent by the checkout, by the app itself or by a spammer', () => {
  const direct = { source: null, channel: 'Direct' };
  expect(from('https://checkout.stripe.com/c/pay/cs_1')).toMatchObject({ ...direct, ignored: 'payment' });
  expect(from('https://shop.lemonsqueezy.com/checkout')).toMatchObject({ ...direct, ignored: 'payment' });
  const own = { url: page, referrer: 'https://docs.app.example/start', ownHosts: ['www.app.example', 'app.example'] };
  expect(readSource(own)).toMatchObject({ ...direct, ignored: 'own' });
  expect(isSpamReferrer('01casino-x.ru')).toBe(true);
  expect(isSpamReferrer('example.com')).toBe(false);
  expect(from('https://www.01casino-x.ru/')).toMatchObject({ ...direct, ignored: 'spam' });
});

const spam = published('referrers/spam-domains.txt');

test.skipIf(spam === null)('every published spammer is known (skipped where shared/data is absent)', () => {
  const missing = (spam ?? '').split(/\s+/).filter((host) => host !== '' && !isSpamReferrer(host));
  expect(missing).toEqual([]);
});

test('any text in any place is an answer', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (referrer, tag) => {
      const { channel } = readSource({ url: `${page}?utm_source=${encodeURIComponent(tag.toWellFormed())}`, referrer });
      expect(channel).not.toBe('');
      readSource({ url: referrer, referrer: tag });
    }),
  );
});
