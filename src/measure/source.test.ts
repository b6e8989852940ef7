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
    ['https://chat.deepseek.com/', 'DeepSeek', 'AI Assistant'],
    ['https://duckduckgo.com/', 'DuckDuckGo', 'Organic Search'],
    ['https://de.search.yahoo.com/search?p=x', 'Yahoo!', 'Organic Search'],
    ['https://suche.t-online.de/web?q=x', 'T-Online', 'Organic Search'],
    ['https://search.nobody-knows.example/?q=x', 'search.nobody-knows.example', 'Organic Search'],
    ['https://webmail.small-isp.example/inbox', 'webmail.small-isp.example', 'Email'],
    ['https://fr-mg42.mail.yahoo.com/d/folders/1', 'Yahoo! Mail', 'Email'],
    ['https://mail07.orange.fr/', 'Orange Webmail', 'Email'],
    ['https://ad.doubleclick.net/', 'Google', 'Paid Search'],
    ['https://trc.taboola.com/', 'Taboola', 'Paid Other'],
    ['https://ok.ru/dk', 'Odnoklassniki', 'Organic Social'],
    ['https://mastodon.example/@someone', 'Mastodon', 'Organic Social'],
    ['https://www.amazon.co.uk/dp/1', 'Amazon', 'Organic Shopping'],
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

describe('what was searched for', () => {
  test.each([
    ['http://www.google.fr/imgres?q=ogham+oracle&imgurl=x', 'Google Images', 'ogham oracle'],
    ['http://yandex.com.tr/yandsearch?text=tarot', 'Yandex', 'tarot'],
    ['http://www.baidu.com/s?wd=tarot', 'Baidu', 'tarot'],
    ['http://uk.ask.com/web?q=tarot', 'Ask', 'tarot'],
    ['http://aolsearch.aol.co.uk/aol/search?q=tarot', 'AOL', 'tarot'],
    ['http://go.mail.ru/search?q=tarot', 'Mail.ru', 'tarot'],
    ['http://www.pricerunner.co.uk/search?displayNoHitsMessage=1&q=tarot', 'PriceRunner', 'tarot'],
    ['http://search.seznam.cz/?q=tarot', 'Seznam', 'tarot'],
    ['http://search.example.org/?page=2&keywords=tarot', 'search.example.org', 'tarot'],
    ['https://duckduckgo.com/?p=2', 'DuckDuckGo', null],
  ])('%s', (referrer, source, term) => expect(from(referrer)).toMatchObject({ source, medium: 'organic', term }));
});

describe('ids on links', () => {
  test.each([
    ['gbraid', 'Google', 'Paid Search'],
    ['wbraid', 'Google', 'Paid Search'],
    ['dclid', 'Google', 'Display'],
    ['msclkid', 'Bing', 'Paid Search'],
    ['ttclid', 'TikTok', 'Paid Social'],
    ['li_fat_id', 'LinkedIn', 'Paid Social'],
    ['rdt_cid', 'Reddit', 'Paid Social'],
    ['epik', 'Pinterest', 'Paid Social'],
    ['yclid', 'Yandex', 'Paid Search'],
    ['irclickid', 'Impact', 'Affiliates'],
    ['mc_cid', 'Mailchimp', 'Email'],
    ['srsltid', 'Google', 'Organic Shopping'],
    ['igsh', 'Instagram', 'Organic Social'],
  ])('%s', (name, source, channel) => expect(from(null, `?${name}=a1b2`)).toMatchObject({ source, channel }));

  test('that name the reader of a letter are not kept', () => {
    expect(from(null, '?mc_cid=1').clickId).toBeNull();
    expect(from(null, '?gclid=1').clickId).toBe('gclid=1');
  });
});

describe('tags', () => {
  test.each([
    ['?utm_source=twitter&utm_medium=social&utm_campaign=launch', 'X', 'social', 'Organic Social'],
    ['?utm_source=x&utm_medium=paid', 'X', 'paid', 'Paid Social'],
    ['?utm_source=google&utm_medium=cpc', 'Google', 'cpc', 'Paid Search'],
    ['?utm_source=youtube.com&utm_medium=cpv', 'YouTube', 'cpv', 'Paid Video'],
    ['?utm_source=youtube.com&utm_medium=cpc', 'YouTube', 'cpc', 'Paid Video'],
    ['?utm_source=carbon&utm_medium=display', 'Carbon', 'display', 'Display'],
    ['?utm_source=carbon&utm_medium=cpc', 'Carbon', 'cpc', 'Paid Other'],
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

test('what the database cannot keep is never in it, however it was written', () => {
  expect(from('https://www.google.com/search?q=a%00b').term).toBe('ab');
  expect(from(null, '?utm_source=x%00&utm_campaign=%00')).toMatchObject({ source: 'X', campaign: null });
  const cut = from(null, `?utm_campaign=${'x'.repeat(499)}${encodeURIComponent('😀')}`).campaign;
  expect(cut?.isWellFormed()).toBe(true);
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
