import { table } from '#src/doors/cli/show.ts';
import { bestTimes, hourName, type Slot, type TimedPost } from '#src/measure/best-time.ts';
import { type Document, documentOf, isFields } from './json.ts';
import { numberFlag, type Verb } from './verb.ts';

export const bestTime: Verb = {
  summary: 'the best hours of the week to post, or that none stands out',
  file: 'FILE.json',
  options: {
    seed: { type: 'string', value: 'number', text: 'of the permutations (1)' },
  },
  example: `  [[9, 120], [33, 87], [105, 14.5]]

  fanfare lab best-time posts.json

  Pairs of hour of the week (0 = Monday 00 h to 167 = Sunday 23 h) and engagement, or objects with "hour" and
  "engagement". At least 30.`,
  run({ source, options, width }) {
    const seed = numberFlag(options, 'seed', { whole: true }) ?? 1;
    const result = bestTimes(postsOf(documentOf(source)), { seed });
    if (result.verdict === 'not enough data') return { json: result, text: result.reason };
    const named = (slots: Slot[]) => slots.map((slot) => ({ name: hourName(slot.hour), ...slot }));
    const chance = `p = ${result.p}`;
    if (result.verdict === 'none')
      return {
        json: { ...result, slots: [], all: named(result.all) },
        text: `${result.reason} (${result.posts} posts, ${chance})`,
      };
    const page = { now: new Date(), ...(width ? { width } : {}) };
    const rows = named(result.slots).map(({ interval, ...slot }) => ({
      ...slot,
      low: interval.low,
      high: interval.high,
    }));
    return {
      json: { ...result, slots: named(result.slots), all: named(result.all) },
      text: `${result.posts} posts, ${chance}. Engagement as a multiple of a usual hour's, drawn towards 1, with its 95 % interval:\n\n${table(rows, page)}`,
    };
  },
};

function postsOf(document: Document): TimedPost[] {
  const list = isFields(document.value) && Array.isArray(document.value.posts) ? document.value.posts : document.value;
  const at = list === document.value ? [] : ['posts'];
  if (!Array.isArray(list)) throw document.wrong([], 'a list of pairs of hour and engagement is expected.');
  return list.map((each: unknown, index) => {
    const [hour, engagement] = Array.isArray(each) ? each : isFields(each) ? [each.hour, each.engagement] : [];
    if (typeof hour !== 'number' || !Number.isInteger(hour) || hour < 0 || hour > 167) {
      throw document.wrong(
        [...at, index],
        `an hour of the week is a whole number from 0 to 167, not ${JSON.stringify(hour) ?? 'missing'}.`,
      );
    }
    if (typeof engagement !== 'number' || !(engagement >= 0)) {
      throw document.wrong(
        [...at, index],
        `engagement is a number from zero, not ${JSON.stringify(engagement) ?? 'missing'}.`,
      );
    }
    return { hour, engagement };
  });
}
