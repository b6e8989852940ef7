/** Plans whose prices stand in a table. */
import { type Offer, offersIn, termsOf, wordOffer } from '#src/understand/difference/amounts.ts';
import type { Plan } from '#src/understand/difference/plans.ts';
import type { Table } from '#src/understand/difference/tables.ts';
import { bareName } from './names.ts';

/** Plans of a table: in its columns, where a row or the heads have the prices; in its rows, where a column has. */
export function plansOfTable(table: Table): Plan[] {
  const heads = table.columns.slice(1);
  switch (sideOf(table)) {
    case 'columns':
      return heads.flatMap((head, column) =>
        planFrom(planName(head), [
          ...offersIn(head),
          ...priceRowsOf(table).flatMap((row) => offersOfCell(row.cells[column] ?? '', row.name)),
        ]),
      );
    case 'heads':
      return heads.flatMap((head) => planFrom(planName(head), offersOfCell(head, '', head.replace(/^\S+ /, ''))));
    case 'rows':
      return table.rows.flatMap(({ name, cells }) =>
        planFrom(
          name.length <= 60 ? bareName(name) : '',
          cells.flatMap((cell, index) => offersOfCell(cell, table.columns[index + 1] ?? '')),
        ),
      );
    default:
      return [];
  }
}

/** Whether each row of a table is a plan, rather than a feature. */
export function rowsArePlans(table: Table): boolean {
  return sideOf(table) === 'rows';
}

function sideOf(table: Table): 'columns' | 'heads' | 'rows' | null {
  const rows = priceRowsOf(table);
  const isNamed = /pric|preis|cost|month|monat/i.test(rows[0]?.name ?? '');
  if (
    rows.length > 0 &&
    rows.length * 2 <= table.rows.length + 1 &&
    table.columns.length > 1 &&
    (isNamed || rows.some(({ cells }) => cells.length > 1 && counted(cells) > 1))
  )
    return 'columns';
  if (counted(table.columns.slice(1)) > 0) return 'heads';
  const priced = table.rows.filter(({ cells }) => counted(cells) > 0).length;
  return priced > 0 && priced * 2 >= table.rows.length ? 'rows' : null;
}

function priceRowsOf(table: Table): Table['rows'] {
  return table.rows.filter(
    ({ cells, name }) =>
      counted(cells) > 0 && (counted(cells) * 2 >= cells.length || /pric|preis|cost|month|year|monat|jahr/i.test(name)),
  );
}

function counted(cells: readonly string[]): number {
  return cells.filter((cell) => offersIn(cell).length > 0).length;
}

function offersOfCell(cell: string, head: string, word = cell): Offer[] {
  const found: Offer[] = offersIn(cell);
  const worded = found.length === 0 && word !== 'no' ? wordOffer(word) : null;
  const terms = termsOf(head, '');
  return (worded ? [worded] : found).map((offer) => ({
    ...offer,
    interval: offer.interval ?? terms.interval,
    billed: offer.billed ?? terms.billed,
    perSeat: offer.perSeat || terms.perSeat,
  }));
}

function planFrom(name: string, offers: Offer[]): Plan[] {
  return name !== '' && offers.length > 0 ? [{ name, offers, features: [], notes: [] }] : [];
}

/** Rows of a table that hold prices of plans. */
export function isPriceRow(row: Table['rows'][number]): boolean {
  return (
    counted(row.cells) > 0 &&
    row.cells.every((cell) => cell === '' || cell === 'no' || offersIn(cell).length > 0 || wordOffer(cell) !== null)
  );
}

export function planName(head: string): string {
  const [first] = offersIn(head);
  return bareName(
    first ? head.slice(0, first.start) : head.replace(/ (?:free|custom|contact us|contact sales|let's talk)$/i, ''),
  );
}
