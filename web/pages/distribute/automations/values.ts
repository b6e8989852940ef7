import type { Kind, Rule, RuleInput } from './queries.ts';

/** What stands in the form, of all kinds at once; numbers as the fields hold them. */
export type Values = {
  name: string;
  accountId: string;
  metric: Extract<Rule, { metric: unknown }>['metric'];
  mode: 'number' | 'median';
  atLeast: number | string;
  timesMedian: number | string;
  below: number | string;
  withinDays: number | string;
  afterHours: number | string;
  afterDays: number | string;
  text: string;
  feedUrl: string;
  repository: string;
  platforms: string[];
  preReleases: boolean;
  perDay: number | string;
  confirmed: boolean;
};

const perDay: Record<Kind, number> = {
  auto_plug: 3,
  auto_repost: 1,
  auto_archive: 20,
  auto_delete: 3,
  rss_to_draft: 5,
  release_to_draft: 5,
};
const texts: Partial<Record<Kind, string>> = {
  auto_plug: 'If you like this, you will like what I build: {{link}}',
  rss_to_draft: '{{title}}\n\n{{link}}',
  release_to_draft: '{{title}} is out.\n\n{{notes}}\n\n{{link}}',
};

/** A form to begin with, or that of a rule there is. */
export function valuesOf(kind: Kind, known?: { name: string; account: { id: string } | null; rule: Rule }): Values {
  const empty: Values = {
    name: '',
    accountId: '',
    metric: kind === 'auto_plug' || kind === 'auto_repost' ? 'likes' : 'impressions',
    mode: 'number',
    atLeast: kind === 'auto_repost' ? 100 : 50,
    timesMedian: 2,
    below: 100,
    withinDays: 7,
    afterHours: 12,
    afterDays: 7,
    text: texts[kind] ?? '',
    feedUrl: '',
    repository: '',
    platforms: ['x'],
    preReleases: false,
    perDay: perDay[kind],
    confirmed: false,
  };
  if (!known) return empty;
  const { kind: _, ...rule } = known.rule;
  const { atLeast, ...settings } = { atLeast: undefined, ...rule };
  return {
    ...empty,
    ...settings,
    ...(atLeast === undefined ? {} : atLeast === null ? { mode: 'median' as const } : { atLeast }),
    name: known.name,
    accountId: known.account?.id ?? '',
  };
}

/** The rule that the form describes; what is left empty is said by the server. */
export function ruleOf(kind: Kind, values: Values): RuleInput {
  const { metric, text, platforms } = values;
  const number = (value: number | string) => Number(value);
  const most = number(values.perDay);
  switch (kind) {
    case 'auto_plug':
      return {
        kind,
        metric,
        text,
        atLeast: number(values.atLeast),
        withinDays: number(values.withinDays),
        perDay: most,
      };
    case 'auto_repost':
      return {
        kind,
        metric,
        atLeast: values.mode === 'number' ? number(values.atLeast) : null,
        timesMedian: number(values.timesMedian),
        afterHours: number(values.afterHours),
        withinDays: number(values.withinDays),
        perDay: most,
      };
    case 'auto_archive':
      return { kind, metric, below: number(values.below), afterDays: number(values.afterDays), perDay: most };
    case 'auto_delete':
      return {
        kind,
        metric,
        below: number(values.below),
        afterDays: number(values.afterDays),
        perDay: most,
        confirmed: values.confirmed as true,
      };
    case 'rss_to_draft':
      return { kind, feedUrl: values.feedUrl.trim(), text, platforms, perDay: most };
    case 'release_to_draft':
      return {
        kind,
        repository: values.repository.trim(),
        text,
        platforms,
        preReleases: values.preReleases,
        perDay: most,
      };
  }
}
