/** A report as a document of A4 pages: text that can be selected, charts as pictures, page numbers, an outline to jump by. */
import type PDFDocument from 'pdfkit';
import { drawPng, fontFile } from './charts.ts';
import type { Block, Figure, Report } from './content.ts';
import { changeWords, withoutEmoji } from './words.ts';

type Document = InstanceType<typeof PDFDocument>;

const MARGIN = 48;
const ink = '#15161a';
const faint = '#565a64';
const line = '#e9e9ed';
/** Figures of one width: kerned, the font hides the point of $17.00 under the seven. */
const TEXT = { features: ['tnum'] } satisfies PDFKit.Mixins.TextOptions;

/** Draws the report. The same report gives the same pages. */
export async function reportPdf(frozen: Report): Promise<Buffer> {
  const report = drawable(frozen);
  const { default: Pdf } = await import('pdfkit');
  const document = new Pdf({
    size: 'A4',
    margins: { top: MARGIN, bottom: MARGIN + 12, left: MARGIN, right: MARGIN },
    bufferPages: true,
    lang: 'en',
    displayTitle: true,
    info: { Title: report.title, Subject: report.content.headline, Creator: 'Fanfare', CreationDate: report.frozenAt },
  });
  const written = collected(document);
  document.registerFont('text', fontFile('400Regular')).registerFont('strong', fontFile('600SemiBold')).font('text');
  title(document, report);
  if (report.content.contents) contents(document, report);
  for (const section of report.content.sections) {
    room(document, section.blocks[0]?.type === 'chart' ? 250 : 90);
    document.outline.addItem(section.title);
    document.moveDown(0.6).font('strong').fontSize(14).fillColor(ink).text(section.title).moveDown(0.3);
    for (const block of section.blocks) await draw(document, block);
  }
  for (const { text, correctedAt } of report.corrections)
    small(document, `Corrected on ${correctedAt.toISOString().slice(0, 10)}: ${text}`);
  numberPages(document, report);
  document.end();
  return written;
}

function drawable({ content, ...report }: Report): Report {
  const plain = (_: string, value: unknown) => (typeof value === 'string' ? withoutEmoji(value) : value);
  return { ...report, title: withoutEmoji(report.title), content: JSON.parse(JSON.stringify(content), plain) };
}

function collected(document: Document): Promise<Buffer> {
  const chunks: Buffer[] = [];
  document.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((done, fail) => {
    document.on('end', () => done(Buffer.concat(chunks)));
    document.on('error', fail);
  });
}

function title(document: Document, { title, content, frozenAt }: Report): void {
  document.font('text').fontSize(10).fillColor(faint).text(title, TEXT);
  document.moveDown(0.2).font('strong').fontSize(20).fillColor(ink).text(content.headline, TEXT);
  small(
    document,
    `Days of the zone ${content.timeZone}. Numbers as counted on ${frozenAt.toISOString().slice(0, 10)}${
      content.before ? `, compared with ${content.before.from} to ${content.before.until}` : ''
    }.`,
  );
}

function contents(document: Document, { content }: Report): void {
  document.moveDown(0.5).font('strong').fontSize(11).fillColor(ink).text('Contents').font('text').fontSize(10);
  for (const [index, section] of content.sections.entries())
    document.fillColor(faint).text(`${index + 1}. ${section.title}`);
}

async function draw(document: Document, block: Block): Promise<void> {
  switch (block.type) {
    case 'figures':
      return figures(document, block.figures);
    case 'text':
      for (const sentence of block.sentences) paragraph(document, sentence);
      return;
    case 'missing':
      return paragraph(document, `Not enough data: ${block.sentence}`, faint);
    case 'table':
      return table(document, block);
    case 'list':
      for (const { text, detail } of block.items) {
        room(document, 40);
        paragraph(document, `•  ${text}`);
        if (detail) small(document, detail, 12);
      }
      return;
    case 'chart': {
      const { png, width, height } = await drawPng(block);
      const across = widthOf(document);
      const tall = (across / width) * height;
      room(document, tall + 30);
      caption(document, block.title);
      document.image(png, MARGIN, document.y, { width: across });
      document.x = MARGIN;
      document.y += tall + 8;
    }
  }
}

/** Three beside each other, each as tall as its words need; a row stays on its page. */
function figures(document: Document, all: readonly Figure[]): void {
  const columns = 3;
  const width = widthOf(document) / columns;
  const within = { ...TEXT, width: width - 10 };
  const label = () => document.font('text').fontSize(9).fillColor(faint);
  const value = (figure: Figure) =>
    document
      .font('strong')
      .fontSize(figure.value === null ? 10 : 15)
      .fillColor(ink);
  const note = () => document.font('text').fontSize(8).fillColor(faint);
  for (let start = 0; start < all.length; start += columns) {
    const row = all.slice(start, start + columns);
    const tallest = (measure: (figure: Figure) => number) => Math.max(...row.map(measure));
    const labels = tallest((figure) => label().heightOfString(figure.label, within));
    const values = tallest((figure) => value(figure).heightOfString(figure.shown, within));
    const notes = tallest((figure) => note().heightOfString(beside(figure), within));
    const height = labels + values + notes + 14;
    room(document, height);
    const top = document.y;
    for (const [column, figure] of row.entries()) {
      const at = MARGIN + column * width;
      label().text(figure.label, at, top, within);
      value(figure).text(figure.shown, at, top + labels + 1, within);
      note().text(beside(figure), at, top + labels + values + 2, within);
    }
    document.x = MARGIN;
    document.y = top + height;
  }
  document.moveDown(0.3);
}

function beside({ missing, shownBefore, change }: Figure): string {
  if (missing !== null) return missing;
  if (shownBefore === null) return '';
  return `before ${shownBefore}${change === null ? '' : ` (${changeWords(change)})`}`;
}

function table(document: Document, { title, note, columns, rows }: Extract<Block, { type: 'table' }>): void {
  room(document, 70);
  caption(document, title);
  const widths = widthsOf(document, columns, rows);
  const heights = (texts: readonly string[]) =>
    Math.max(
      ...texts.map((text, column) => document.heightOfString(text, { ...TEXT, width: (widths[column] ?? 40) - 6 })),
    ) + 7;
  const row = (texts: readonly string[], colour: string) => {
    const height = heights(texts);
    const top = document.y;
    let at = MARGIN;
    for (const [column, { numeric }] of columns.entries()) {
      const width = widths[column] ?? 40;
      document
        .fillColor(colour)
        .text(texts[column] ?? '', at, top + 3, { ...TEXT, width: width - 6, align: numeric ? 'right' : 'left' });
      at += width;
    }
    document
      .moveTo(MARGIN, top + height)
      .lineTo(MARGIN + widthOf(document), top + height)
      .lineWidth(0.5)
      .strokeColor(line)
      .stroke();
    document.x = MARGIN;
    document.y = top + height;
  };
  const heads = () => {
    document.font('text').fontSize(8);
    row(
      columns.map(({ label }) => label),
      faint,
    );
    document.fontSize(9);
  };
  heads();
  for (const [index, texts] of rows.entries()) {
    // The note stays with the last row; what goes on on another page says again what its columns are.
    const last = index === rows.length - 1 && note !== null ? 28 : 0;
    if (room(document, heights(texts) + last)) heads();
    row(texts, ink);
  }
  document.moveDown(0.4);
  if (note !== null) small(document, note);
}

/** As wide as the longest text needs, then shrunk or stretched together to the page, texts giving way before numbers. */
function widthsOf(
  document: Document,
  columns: readonly { label: string; numeric: boolean }[],
  rows: readonly string[][],
) {
  document.font('text').fontSize(9);
  const needed = columns.map(({ label }, column) =>
    Math.max(
      ...[label, ...rows.map((row) => row[column] ?? '')].map((text) => document.widthOfString(text, TEXT) + 10),
    ),
  );
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const numeric = sum(needed.filter((_, column) => columns[column]?.numeric));
  const texts = sum(needed) - numeric;
  const left = widthOf(document) - numeric;
  if (texts === 0 || left < 120) return needed.map((width) => (width * widthOf(document)) / sum(needed));
  return needed.map((width, column) => (columns[column]?.numeric ? width : (width * left) / texts));
}

function paragraph(document: Document, text: string, colour = ink): void {
  room(document, 28);
  document
    .font('text')
    .fontSize(10)
    .fillColor(colour)
    .text(text, { ...TEXT, lineGap: 1.5 })
    .moveDown(0.25);
}

function small(document: Document, text: string, indent = 0): void {
  document
    .font('text')
    .fontSize(8.5)
    .fillColor(faint)
    .text(text, MARGIN + indent, document.y, { ...TEXT, width: widthOf(document) - indent })
    .moveDown(0.3);
  document.x = MARGIN;
}

function caption(document: Document, text: string): void {
  document.moveDown(0.2).font('strong').fontSize(10).fillColor(ink).text(text, MARGIN).moveDown(0.2);
}

/** Begins a new page when less than so much is left on this one, and says whether it did. */
function room(document: Document, height: number): boolean {
  const { page } = document;
  if (document.y + height <= page.height - page.margins.bottom) return false;
  document.addPage();
  return true;
}

function widthOf({ page }: Document): number {
  return page.width - 2 * MARGIN;
}

function numberPages(document: Document, { title }: Report): void {
  const { start, count } = document.bufferedPageRange();
  for (let index = 0; index < count; index++) {
    document.switchToPage(start + index);
    // Below the margin a text would begin a page of its own.
    const { margins, height } = document.page;
    const kept = margins.bottom;
    margins.bottom = 0;
    const at = height - MARGIN;
    document.font('text').fontSize(8).fillColor(faint);
    document.text(title, MARGIN, at, { lineBreak: false });
    document.text(`Page ${index + 1} of ${count}`, MARGIN, at, { width: widthOf(document), align: 'right' });
    margins.bottom = kept;
  }
}
