/** A report as a mail: tables and pictures for programs that show them, and text that is complete by itself. */
import { html, raw } from 'hono/html';
import type { Block, Chart, Figure, Report, Section } from './content.ts';
import { changeWords, valueWords } from './words.ts';

/** What a mail carries besides: where it is read, and the way out for who is no member. */
export type Around = { readUrl: string; leaveUrl: string | null };

const WIDTH = 74;

/** The plain part, readable by itself: numbers in aligned columns, charts as their values. */
export function letterText(report: Report, { readUrl, leaveUrl }: Around): string {
  const { content } = report;
  const parts = [
    `${report.title}\n${'='.repeat(Math.min(WIDTH, report.title.length))}`,
    `${content.headline}.`,
    ...content.sections.map(sectionText),
    ...report.corrections.map(({ text, correctedAt }) => wrap(`Corrected on ${dateOf(correctedAt)}: ${text}`)),
    `${wrap(zoneWords(report))}\nRead it in Fanfare: ${readUrl}${leaveUrl ? `\nStop these mails: ${leaveUrl}` : ''}`,
  ];
  return `${parts.join('\n\n')}\n`;
}

function sectionText({ title, blocks }: Section): string {
  const head = `${title}\n${'-'.repeat(title.length)}`;
  return [head, ...blocks.map(blockText).filter((text) => text !== '')].join('\n\n');
}

function blockText(block: Block): string {
  switch (block.type) {
    case 'figures':
      return figuresText(block.figures);
    case 'text':
      return block.sentences.map((sentence) => wrap(sentence)).join('\n');
    case 'missing':
      return wrap(`Not enough data: ${block.sentence}`);
    case 'table':
      return [block.title, tableText(block), ...(block.note === null ? [] : [wrap(block.note)])].join('\n');
    case 'list':
      return block.items.map(({ text, detail }) => wrap(`* ${text}${detail ? `\n${detail}` : ''}`, '  ')).join('\n');
    case 'chart':
      return wrap(`${block.title}: ${chartText(block)}`);
  }
}

function chartText({ labels, series, unit, currency }: Chart): string {
  const words = (value: number | null | undefined) =>
    value == null ? 'not counted' : valueWords(String(value), unit, currency);
  return labels.map((label, index) => `${label} ${words(series[0]?.values[index])}`).join(', ');
}

/** Under each other; what stands beside a number that does not fit on its line stands below it. */
function figuresText(figures: readonly Figure[]): string {
  const beside = figures.map(comparisonOf);
  return aligned(
    figures.map(({ label, shown }) => [label, shown]),
    [false, true],
  )
    .split('\n')
    .map((line, index) => {
      const whole = `${line}  ${beside[index]}`.trimEnd();
      return whole.length <= WIDTH + 6 ? whole : `${line}\n  ${wrap(beside[index] ?? '', '  ')}`;
    })
    .join('\n');
}

/** Under each other where the columns fit; else each row for itself, its numbers with their names. */
function tableText({ columns, rows }: Extract<Block, { type: 'table' }>): string {
  const lines = aligned(
    [columns.map(({ label }) => label), ...rows],
    columns.map(({ numeric }) => numeric),
  );
  if (lines.split('\n').every((line) => line.length <= WIDTH + 6)) return lines;
  const named = (row: readonly string[]) =>
    columns.flatMap(({ label }, column) => (column > 0 && row[column] ? [`${label} ${row[column]}`] : []));
  return rows.map((row) => wrap(`${row[0] ?? ''}\n${named(row).join(', ')}`, '  ')).join('\n');
}

/** Columns under each other, numbers to the right. */
function aligned(rows: readonly (readonly string[])[], numeric: readonly boolean[]): string {
  const widths = numeric.map((_, column) => Math.max(...rows.map((row) => [...(row[column] ?? '')].length), 0));
  return rows
    .map((row) =>
      numeric
        .map((right, column) => {
          const text = row[column] ?? '';
          const gap = ' '.repeat((widths[column] ?? 0) - [...text].length);
          return right ? gap + text : text + gap;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function wrap(text: string, indent = ''): string {
  return text
    .split('\n')
    .map((line, index) => {
      const lines: string[] = [index === 0 ? '' : indent];
      for (const word of line.split(' ')) {
        const last = lines.at(-1) ?? '';
        if (last.length + word.length + 1 > WIDTH && last.trim() !== '') lines.push(`${indent}${word}`);
        else lines[lines.length - 1] = last.trim() === '' ? `${last}${word}` : `${last} ${word}`;
      }
      return lines.join('\n');
    })
    .join('\n');
}

function comparisonOf({ missing, shownBefore, change }: Figure): string {
  if (missing !== null) return missing;
  if (shownBefore === null) return '';
  return `before ${shownBefore}${change === null ? '' : `, ${changeWords(change)}`}`;
}

function zoneWords({ content, frozenAt }: Report): string {
  return `Days of the zone ${content.timeZone}. Numbers as counted on ${dateOf(frozenAt)}; what changes later is restated with a date.`;
}

function dateOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}

const ink = 'color:#15161a';
const faint = 'color:#565a64';
const cell = 'padding:6px 8px;border-bottom:1px solid #e9e9ed;font-size:13px;line-height:1.4';

/** A table of many columns is no table on a phone: each row is a paragraph, its numbers with their names. */
const onPhones = `@media (max-width:480px){.many,.many tbody,.many tr{display:block!important}.many .heads,.many .none{display:none!important}
.many tr{border-bottom:1px solid #e9e9ed;padding:8px 0!important}
.many td{display:inline-block!important;border:0!important;padding:0 14px 0 0!important;text-align:left!important}
.many td:first-child{display:block!important;padding:0 0 2px!important;font-weight:600}.many .name{display:inline!important;color:#565a64}}`;
/** Columns that still stand beside each other on a phone. */
const FEW = 3;

/** The shown part: nested tables and styles on each element, as mail programs want it; `cid` names a chart's picture. */
export function letterHtml(report: Report, { readUrl, leaveUrl }: Around, cid: (chart: Chart) => string): string {
  const { content } = report;
  const leave = leaveUrl ? html` · <a href="${leaveUrl}" style="${faint}">Stop these mails</a>` : '';
  const document = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light"><title>${report.title}</title><style>${raw(onPhones)}</style></head>
<body style="margin:0;padding:0;background:#f5f5f7">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="background:#f5f5f7"><tr><td align="center" style="padding:24px 12px">
<table role="presentation" width="680" cellpadding="0" cellspacing="0" border="0" style="width:100%;max-width:680px;background:#ffffff;border:1px solid #e9e9ed;border-radius:12px;font-family:Inter,-apple-system,'Segoe UI',Arial,sans-serif;${ink}">
<tr><td style="padding:24px 24px 4px"><p style="margin:0;font-size:12px;${faint}">${report.title}</p><h1 style="margin:6px 0 0;font-size:20px;line-height:1.3;font-weight:600;${ink}">${content.headline}</h1></td></tr>
${content.sections.map((section) => sectionHtml(section, readUrl, cid))}
${report.corrections.map(({ text, correctedAt }) => html`<tr><td style="padding:8px 24px;font-size:13px;${faint}">Corrected on ${dateOf(correctedAt)}: ${text}</td></tr>`)}
<tr><td style="padding:16px 24px 24px;font-size:12px;line-height:1.5;${faint}">${zoneWords(report)}<br><a href="${readUrl}" style="${faint}">Read it in Fanfare</a>${leave}</td></tr>
</table></td></tr></table></body></html>`;
  return String(document);
}

function sectionHtml({ title, blocks }: Section, readUrl: string, cid: (chart: Chart) => string) {
  return html`<tr><td style="padding:20px 24px 0"><h2 style="margin:0 0 8px;font-size:15px;font-weight:600;${ink}">${title}</h2>${blocks.map((block) => blockHtml(block, readUrl, cid))}</td></tr>`;
}

function blockHtml(block: Block, readUrl: string, cid: (chart: Chart) => string) {
  switch (block.type) {
    case 'figures':
      return figuresHtml(block.figures);
    case 'text':
      return block.sentences.map(
        (sentence) => html`<p style="margin:0 0 8px;font-size:14px;line-height:1.5;${ink}">${sentence}</p>`,
      );
    case 'missing':
      return html`<p style="margin:0 0 8px;font-size:13px;line-height:1.5;${faint}"><strong style="font-weight:600">Not enough data.</strong> ${block.sentence}</p>`;
    case 'table':
      return tableHtml(block);
    case 'list':
      return html`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">${block.items.map(({ text, detail, path }) => html`<tr><td style="${cell};${ink}">${path === null ? text : html`<a href="${new URL(path, readUrl).href}" style="${ink}">${text}</a>`}${detail === null ? '' : html`<br><span style="font-size:12px;${faint}">${detail}</span>`}</td></tr>`)}</table>`;
    case 'chart':
      return html`<p style="margin:8px 0 4px;font-size:13px;font-weight:600;${ink}">${block.title}</p><img src="cid:${cid(block)}" width="632" alt="${block.alt}" style="display:block;width:100%;max-width:632px;height:auto;border:0">`;
  }
}

function tableHtml({ title, columns, rows, note }: Extract<Block, { type: 'table' }>) {
  const sideOf = (column: number) => (columns[column]?.numeric ? 'right' : 'left');
  const heads = columns.map(
    ({ label }, column) =>
      html`<th align="${sideOf(column)}" style="${cell};font-size:11px;font-weight:500;${faint}">${label}</th>`,
  );
  const name = (column: number) =>
    column === 0 ? '' : html`<span class="name" style="display:none;mso-hide:all">${columns[column]?.label} </span>`;
  const line = (row: readonly string[]) =>
    html`<tr>${row.map((text, column) => html`<td align="${sideOf(column)}" class="${text === '' ? 'none' : 'some'}" style="${cell};${ink}">${name(column)}${text}</td>`)}</tr>`;
  return html`<p style="margin:8px 0 4px;font-size:13px;font-weight:600;${ink}">${title}</p><table class="${columns.length > FEW ? 'many' : 'few'}" width="100%" cellpadding="0" cellspacing="0" border="0" style="border-collapse:collapse;margin:0 0 8px"><tr class="heads">${heads}</tr>${rows.map(line)}</table>${note === null ? '' : html`<p style="margin:0 0 8px;font-size:12px;${faint}">${note}</p>`}`;
}

/** Two beside each other: three do not fit on a phone. */
function figuresHtml(figures: readonly Figure[]) {
  const pairs = Array.from({ length: Math.ceil(figures.length / 2) }, (_, row) => figures.slice(row * 2, row * 2 + 2));
  return html`<table width="100%" cellpadding="0" cellspacing="0" border="0" style="margin:0 0 8px">${pairs.map((pair) => html`<tr>${pair.map((figure) => html`<td width="50%" valign="top" style="padding:8px 8px 8px 0;border-bottom:1px solid #e9e9ed"><span style="font-size:12px;${faint}">${figure.label}</span><br><strong style="font-size:${figure.value === null ? '14px' : '20px'};font-weight:600;${ink}">${figure.shown}</strong><br><span style="font-size:12px;${faint}">${comparisonOf(figure)}</span></td>`)}${pair.length === 1 ? raw('<td width="50%"></td>') : ''}</tr>`)}</table>`;
}
