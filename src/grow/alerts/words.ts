import { minorUnits } from '#src/outside/payments/currency.ts';
import type { Severity } from './severity.ts';

/** One alert as it is told. */
export type Told = {
  id: string;
  appName: string;
  severity: Severity;
  title: string;
  body: string;
  usual: string | null;
  advice: string | null;
  since: Date;
  path: string | null;
  endedAt: Date | null;
  /** It was snoozed and still holds. */
  isBack: boolean;
  /** `value` as it is kept, money in minor units; `shown` as it is read. */
  rows: readonly { label: string; day: string | null; value: number | null; shown: string }[];
};

export type Telling = {
  kind: 'alerts' | 'digest' | 'test';
  alerts: readonly Told[];
  /** Where Fanfare is reached, without a slash at the end. */
  publicUrl: string;
  timeZone: string;
};

const rowsShown = 5;
/** In one message for people; mail programs cut off what is longer than about 100 kB. */
const toldInFull = 25;
const marks: Record<Severity, string> = { urgent: 'Urgent: ', warning: '', info: '' };

/** `1,234`, `12.4%` or `$1,234.50`; money in minor units. */
export function shownValue(value: number, unit: 'count' | 'money' | 'percent', currency: string): string {
  if (unit === 'percent') return `${value.toFixed(1)}%`;
  if (unit === 'count') return value.toLocaleString('en', { maximumFractionDigits: 2 });
  return (value / 10 ** minorUnits(currency)).toLocaleString('en', { style: 'currency', currency });
}

/** One line that says what it is about. */
export function subjectOf({ kind, alerts }: Telling): string {
  if (kind === 'test') return 'A test from Fanfare: alerts arrive here';
  if (kind === 'digest') return `What waited this week: ${alerts.length} ${alerts.length === 1 ? 'alert' : 'alerts'}`;
  const [first] = alerts;
  if (!first) return 'Alerts';
  const more = alerts.length - 1;
  return `${marks[first.severity]}${first.appName}: ${first.title}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Plain text for people, at most `most` characters: what does not fit is counted and linked. */
export function textOf(telling: Telling, most = 100_000): string {
  const { kind, alerts, publicUrl } = telling;
  if (kind === 'test')
    return `This is a test. Alerts of Fanfare arrive here from now on.\n\nWhere they go and how often: ${publicUrl}/alerts?show=targets`;
  const head = kind === 'digest' ? 'These alerts were over the weekly budget and waited for this digest.\n\n' : '';
  const foot = `\n\nAll alerts: ${publicUrl}/alerts`;
  const room = most - head.length - foot.length - 40;
  const told: string[] = [];
  for (const [index, alert] of alerts.entries()) {
    const left = alerts.length - index;
    if (index === toldInFull) {
      told.push(`And ${left} more.`);
      break;
    }
    const used = told.reduce((sum, one) => sum + one.length + 2, 0);
    const whole = paragraphOf(alert, telling, rowsShown);
    const text = used + whole.length <= room ? whole : paragraphOf(alert, telling, 0);
    if (used + text.length > room) {
      told.push(told.length === 0 ? `${text.slice(0, Math.max(0, room - 1)).toWellFormed()}…` : `And ${left} more.`);
      break;
    }
    told.push(text);
  }
  return `${head}${told.join('\n\n')}${foot}`;
}

/** The same as a page for mail programs; everything that comes from outside is escaped. */
export function htmlOf(telling: Telling): string {
  const { kind, alerts, publicUrl } = telling;
  if (kind === 'test') return page(`<p>${escaped(textOf(telling)).replaceAll('\n\n', '</p><p>')}</p>`);
  const intro = kind === 'digest' ? '<p>These alerts were over the weekly budget and waited for this digest.</p>' : '';
  const items = alerts.slice(0, toldInFull).map((alert) => {
    const rows = alert.rows
      .slice(-rowsShown)
      .map(
        (row) =>
          `<tr><td style="padding:2px 16px 2px 0">${escaped(labelOf(row))}</td><td align="right">${escaped(row.shown)}</td></tr>`,
      )
      .join('');
    const lines = linesOf(alert, telling).map((line) => `<p style="margin:4px 0">${escaped(line)}</p>`);
    return `<section style="margin:0 0 28px"><h2 style="margin:0 0 4px;font-size:17px">${escaped(titleOf(alert))}</h2>${lines.join('')}${
      rows && `<table style="margin:8px 0;border-collapse:collapse;font-size:14px">${rows}</table>`
    }<p style="margin:4px 0"><a href="${escaped(linkOf(alert, publicUrl))}">Open this alert</a></p></section>`;
  });
  const more = alerts.length - items.length;
  return page(
    `${intro}${items.join('')}${more > 0 ? `<p>And ${more} more.</p>` : ''}<p><a href="${escaped(publicUrl)}/alerts">All alerts</a></p>`,
  );
}

function paragraphOf(alert: Told, telling: Telling, rows: number): string {
  const shown = rows === 0 ? [] : alert.rows.slice(-rows).map((row) => `  ${labelOf(row)}: ${row.shown}`);
  return [titleOf(alert), ...linesOf(alert, telling), ...shown, linkOf(alert, telling.publicUrl)].join('\n');
}

function titleOf({ severity, appName, title }: Told): string {
  return `${marks[severity]}${appName}: ${title}`;
}

function linesOf({ body, since, usual, advice, endedAt, isBack }: Told, { timeZone }: Telling): string[] {
  const moment = (at: Date) =>
    at.toLocaleString('en-GB', {
      timeZone,
      day: 'numeric',
      month: 'long',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
    });
  return [
    ...(isBack ? ['It was snoozed and still holds.'] : []),
    body,
    endedAt ? `Since ${moment(since)}; over since ${moment(endedAt)}.` : `Since ${moment(since)} (${timeZone}).`,
    ...(usual ? [usual] : []),
    ...(advice ? [`What you can do: ${advice}`] : []),
  ];
}

function labelOf({ label, day }: Told['rows'][number]): string {
  return day ? `${label}, ${day}` : label;
}

function linkOf({ id }: Told, publicUrl: string): string {
  return `${publicUrl}/alerts?alert=${id}`;
}

function page(inner: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light"></head><body style="margin:0;padding:24px;background:#ffffff;font:15px/1.5 system-ui,sans-serif;color:#1c1b1a;max-width:600px">${inner}</body></html>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
