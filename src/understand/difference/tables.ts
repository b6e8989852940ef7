/** Tables, real ones and those made of boxes, as rows of words and marks. */
import { type Element, fold, isElement, labelOf, type Node } from '#src/understand/reading/tree.ts';
import { isHidden } from './lines.ts';
import { noiseOf, plain } from './noise.ts';

export type Table = {
  element: Element;
  /** Names of the columns, the first being that of the rows; empty where no row is a head. */
  columns: string[];
  rows: { name: string; cells: string[] }[];
};

/** The tables among the elements of a page, outermost only, in page order. */
export function readTables(elements: readonly Element[]): Table[] {
  // Tables and all in them. Parents come before their children, so that a look at the parent is enough, however deep they lie.
  const taken = new Set<unknown>();
  const tables: Table[] = [];
  for (const element of elements) {
    if (taken.has(element.parent)) {
      taken.add(element);
      continue;
    }
    const rows = element.name === 'table' ? tableRows(element) : boxRows(element);
    if (rows.length < 2 || isOutOfSight(element)) continue;
    taken.add(element);
    const [head = [], ...others] = rows;
    const isHead = isHeadOf(head, others);
    const body = (isHead ? others : rows).filter((row) => row.length > 1 && row[0] !== '' && row[0] !== undefined);
    tables.push({
      element,
      columns: isHead ? head : [],
      rows: body.map(([name = '', ...cells]) => ({ name, cells })),
    });
  }
  return tables;
}

function isOutOfSight(element: Element): boolean {
  for (let one: Element | Element['parent'] = element; one && 'attribs' in one; one = one.parent)
    if (noiseOf(one) || (isHidden(one) && one.name !== 'table')) return true;
  return false;
}

function tableRows(table: Element): string[][] {
  const rows: string[][] = [];
  const look = (nodes: readonly Node[], depth: number) => {
    for (const node of nodes) {
      if (!isElement(node) || depth > 4) continue;
      if (node.name === 'tr') rows.push(cellsIn(node));
      else if (['thead', 'tbody', 'tfoot'].includes(node.name)) look(node.children, depth + 1);
    }
  };
  look(table.children, 0);
  // A row of one cell names a group of rows.
  return rows.filter((row) => row.length > 1).slice(0, 300);
}

function cellsIn(row: Element): string[] {
  return row.children
    .filter((node): node is Element => isElement(node) && (node.name === 'td' || node.name === 'th'))
    .map(saysOf);
}

/** Boxes that stand like a table: many rows of the same number of short pieces, most of them marks or few words. */
function boxRows(element: Element): string[][] {
  if (!['div', 'section', 'ul', 'dl'].includes(element.name)) return [];
  const children = element.children.filter(isElement);
  if (children.length < 3) return [];
  const rows = children.map((child) => child.children.filter(isElement));
  const width = rows[0]?.length ?? 0;
  const named = /(?:^|[\s_-])(?:row|tr|table-row)(?=$|[\s_-])/i;
  const byName = children.filter(
    (child) => child.attribs.role === 'row' || named.test(child.attribs.class ?? ''),
  ).length;
  if (width < 2 || rows.some((row) => row.length !== width)) return [];
  if (byName < children.length - 1 && width < 3) return [];
  const said = rows.slice(0, 300).map((row) => row.map(saysOf));
  if (said.some((row) => row.some((cell) => cell.length > 60))) return [];
  const cells = said.flatMap((row) => row.slice(1));
  const marks = cells.filter((cell) => cell === 'yes' || cell === 'no').length;
  return byName >= children.length - 1 || marks * 3 >= cells.length ? said : [];
}

/** What a cell says: its words, else what its picture stands for. */
export function saysOf(cell: Element): string {
  const text = plain(fold(labelOf(cell).slice(0, 300)));
  if (/^(?:✓|✔|☑|✅|●|•|yes|ja|oui|included|inklusive|inbegriffen|true)\.?$/iu.test(text)) return 'yes';
  if (/^(?:✗|✘|✖|❌|☒|×|x|-|no|nein|non|not included|nicht enthalten|n\/a|none|false)\.?$/iu.test(text)) return 'no';
  if (text !== '') return text;
  const clues: string[] = [];
  const waiting: Node[] = [cell];
  for (let looked = 0; looked < 20; looked++) {
    const node = waiting.shift();
    if (!node) break;
    if (!isElement(node)) continue;
    const { attribs } = node;
    clues.push(
      `${attribs.class ?? ''} ${attribs.alt ?? ''} ${attribs['aria-label'] ?? ''} ${attribs.title ?? ''} ${attribs.href ?? ''} ${attribs['xlink:href'] ?? ''} ${attribs['data-icon'] ?? ''} ${attribs['data-value'] ?? ''} ${node.name === 'title' ? textOf(node) : ''}`,
    );
    waiting.push(...node.children.slice(0, 10));
  }
  const clue = clues.join(' ').slice(0, 600);
  if (
    /(?:^|[\s_#/-])(?:cross|x|xmark|times|no|minus|dash|false|excluded|not-included|unavailable|close)(?=$|[\s_.-])/i.test(
      clue,
    )
  )
    return 'no';
  if (/(?:^|[\s_#/-])(?:check(?:mark|ed)?|tick|yes|true|included|available|done)(?=$|[\s_.-])/i.test(clue))
    return 'yes';
  return clue.trim() === '' || !/svg|img|icon|<i/i.test(clue) ? 'no' : '';
}

function textOf(node: Element): string {
  return node.children.map((child) => (child.type === 'text' ? child.data : '')).join('');
}

function isHeadOf(head: string[], others: string[][]): boolean {
  if (head.slice(1).some((cell) => cell === 'yes' || cell === 'no')) return false;
  const short = head.every((cell) => cell.length <= 60);
  return short && others.some((row) => row.length === head.length) && head.slice(1).some((cell) => cell !== '');
}
