import { botRules, humanExceptions, looksLikeBrowser } from './agent-patterns.ts';

/**
 * What a user agent string says about who asks. A bot is classified, never dropped: counts can be restated when the
 * patterns change, so keep the string or `agentVersion` with the event.
 */
export type Agent = {
  bot: Bot | null;
  device: 'phone' | 'tablet' | 'desktop' | 'tv' | 'console' | 'watch' | null;
  browser: string | null;
  os: string | null;
};

export type BotKind =
  /** Search engines and everything else that crawls. */
  | 'crawler'
  /** Models: training crawlers, and assistants that read a page for someone. */
  | 'ai'
  /** Link previews of social networks and messengers: a share, not a visit. */
  | 'preview'
  | 'feed'
  | 'monitor'
  | 'seo'
  | 'security'
  /** Automated browsers. */
  | 'headless'
  /** HTTP libraries and command line tools. */
  | 'library'
  /** It does not say what it is, but no browser calls itself so. */
  | 'unknown';

export type Bot = { kind: BotKind; name: string };

/** Counts up whenever the patterns change. */
export const agentVersion = 1;

/** Classifies a user agent. Strings are read up to 600 characters; none at all is a bot. */
export function readAgent(userAgent: string | null | undefined): Agent {
  const text = (userAgent ?? '').slice(0, 600).trim();
  const bot = botOf(text);
  return { bot, device: deviceOf(text), browser: firstOf(browsers, text), os: firstOf(systems, text) };
}

function botOf(text: string): Bot | null {
  if (text === '') return { kind: 'unknown', name: 'No user agent' };
  const cleaned = text.replaceAll(humanExceptions, ' ');
  for (const [kind, pattern, name] of botRules) {
    const match = pattern.exec(cleaned);
    if (match) return { kind, name: name ?? tokenAround(cleaned, match.index, match[0]) };
  }
  return looksLikeBrowser.test(text) ? null : { kind: 'unknown', name: tokenAround(text, 0, '') };
}

/** The product token in which a word was found, without version: "Mozilla/5.0 (compatible; AhrefsBot/7.0)" → AhrefsBot. */
function tokenAround(text: string, index: number, word: string): string {
  const within = (at: number) => /[\w.\-!&'+]/.test(text.charAt(at));
  let [start, end] = [index, index + word.length];
  while (within(start - 1)) start--;
  while (within(end)) end++;
  const token = text.slice(start, end).replace(/^[\s;,(+^]+|[\s;,)]+$/g, '');
  return (token.replace(/\/[\d.]*$/, '') || text).slice(0, 60);
}

/** In order: a browser built on another names it too, so the more special stands first. */
const browsers: readonly [string, RegExp][] = [
  ['Edge', /\bEdg(?:e|A|iOS|W)?\//],
  ['Opera', /\bOPR\/|\bOPX\/|\bOPT\/|\bOpera\b|\bOPiOS\//],
  ['Samsung Internet', /SamsungBrowser\//],
  ['Yandex', /YaBrowser\/|YaSearchBrowser\//],
  ['UC Browser', /UCBrowser|UCWEB|UBrowser\//],
  ['Vivaldi', /Vivaldi\//],
  ['Brave', /\bBrave\//],
  ['DuckDuckGo', /DuckDuckGo\/|\bDdg\//],
  ['Huawei Browser', /HuaweiBrowser\//],
  ['MIUI Browser', /MiuiBrowser\//],
  ['Facebook', /\bFBA[NV]\//],
  ['Instagram', /\bInstagram\b/],
  ['TikTok', /musical_ly|BytedanceWebview|trill_/i],
  ['WeChat', /MicroMessenger\//],
  ['Firefox', /Firefox\/|FxiOS\/|\bFocus\//],
  ['Chrome', /Chrome\/|CriOS\/|Chromium\//],
  ['Internet Explorer', /\bMSIE |Trident\//],
  ['Safari', /Safari\/|AppleWebKit.*Mobile\//],
];

const systems: readonly [string, RegExp][] = [
  ['Windows Phone', /Windows Phone|WPDesktop/],
  ['Windows', /Windows|Win(?:32|64|NT|98|95)\b/],
  ['iOS', /iPhone|iPad|iPod|\biOS\b/],
  ['watchOS', /Watch ?OS|\bwatchOS\b/],
  ['tvOS', /Apple ?TV|\btvOS\b/],
  ['HarmonyOS', /HarmonyOS|OpenHarmony/],
  ['KaiOS', /KAIOS/i],
  ['Tizen', /Tizen/],
  ['webOS', /Web0S|webOS|hpwOS/],
  ['Android', /Android|Adr \d|Dalvik/],
  ['Chrome OS', /\bCrOS\b/],
  ['macOS', /Macintosh|Mac OS X|Darwin/],
  ['Linux', /Linux|X11|BSD|SunOS/],
];

function deviceOf(text: string): Agent['device'] {
  if (/\bTV\b|SmartTV|SMART-TV|HbbTV|AppleTV|GoogleTV|BRAVIA|Roku|AFT[A-Z]|CrKey|NetCast|Web0S/i.test(text))
    return 'tv';
  if (/PlayStation|Xbox|Nintendo/i.test(text)) return 'console';
  if (/\bWatch\b|SmartWatch|watchOS/i.test(text)) return 'watch';
  if (/iPad|Tablet|\bTab\b|PlayBook|Silk(?!.*Mobile)|Kindle/i.test(text)) return 'tablet';
  if (/iPhone|iPod|Windows Phone|Mobile|MIDP|Opera Mini|Symbian|BlackBerry|KAIOS/i.test(text)) return 'phone';
  // Android's own rule since version 3: a phone says Mobile, a tablet does not.
  if (/Android/.test(text)) return /Dalvik/.test(text) ? 'phone' : 'tablet';
  return /Windows|Macintosh|X11|CrOS|Linux|BSD/.test(text) ? 'desktop' : null;
}

function firstOf(list: readonly [string, RegExp][], text: string): string | null {
  return list.find(([, pattern]) => pattern.test(text))?.[0] ?? null;
}
