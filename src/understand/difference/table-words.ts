/** What the tables of a page say besides prices. */
import { attribute, type Element, isElement, labelOf } from '#src/understand/reading/tree.ts';
import type { Hidden } from './hidden.ts';
import { plain } from './noise.ts';
import { isPriceRow, planName, rowsArePlans } from './plans/table.ts';
import type { Shape } from './shape.ts';
import type { Table } from './tables.ts';

/** The cells of comparisons, by row and column. */
export function tableWords(tables: readonly Table[], kept: Hidden): Pick<Shape, 'cells'> {
  const cells = tables.flatMap((table) =>
    table.rows
      .filter((row) => !isPriceRow(row))
      .flatMap((row) =>
        row.cells.map((cell, index) => ({
          ...kept.saying(cell, row.name, false),
          row: plain(row.name),
          column: planName(table.columns[index + 1] ?? '') || (row.cells.length > 1 ? `column ${index + 2}` : ''),
        })),
      ),
  );
  return { cells: cells.filter(({ key, text }) => key !== '' || text === '') };
}

/** The rows of comparisons, as features. */
export function rowNames(tables: readonly Table[], kept: Hidden): Shape['features'] {
  return tables.flatMap((table) =>
    table.rows
      .filter(
        (row) =>
          !isPriceRow(row) &&
          !rowsArePlans(table) &&
          /\p{L}/u.test(row.name) &&
          row.name.length <= 120 &&
          !/^(?:price|preis|pricing|cost|monthly|yearly)$/i.test(row.name),
      )
      .map((row) => ({ ...kept.saying(row.name, 'comparison table', false), mark: null, log: false })),
  );
}

/** A table that sets out a page rather than data. */
export function isLayout(element: Element): boolean {
  if (element.name !== 'table') return false;
  if (attribute(element, 'role') === 'presentation') return true;
  const waiting = [...element.children];
  for (let looked = 0; looked < 2_000; looked++) {
    const node = waiting.pop();
    if (!node) return false;
    if (!isElement(node)) continue;
    if (/^(?:h[12]|table|section|article|form)$/.test(node.name)) return true;
    if ((node.name === 'td' || node.name === 'th') && labelOf(node).length > 190) return true;
    waiting.push(...node.children);
  }
  return true;
}
