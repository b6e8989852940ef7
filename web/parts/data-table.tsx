import type { ReactNode } from 'react';

export interface Column<Row> {
  key: string;
  head: string;
  cell: (row: Row) => ReactNode;
  /** Numbers stand right. */
  align?: 'right';
  /** A CSS width; the first column takes what is left. */
  width?: string;
  hideOnPhone?: boolean;
}

/** A plain table. `rows="two"` for rows whose first cell has a second line. `caption` is read, not drawn. */
export function DataTable<Row>({
  caption,
  columns,
  rows,
  rowKey,
  height = 'one',
  empty = 'Nothing here yet.',
}: {
  caption: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
  height?: 'one' | 'two';
  empty?: ReactNode;
}) {
  if (rows.length === 0) return <div className="table-empty">{empty}</div>;
  const hide = (column: Column<Row>) => (column.hideOnPhone ? 'hide-on-phone' : undefined);
  return (
    <table className="table" data-rows={height}>
      <caption className="hidden-text">{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th
              key={column.key}
              scope="col"
              className={hide(column)}
              data-align={column.align}
              style={{ width: column.width }}
            >
              {column.head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={rowKey(row)}>
            {columns.map((column) => (
              <td
                key={column.key}
                className={[hide(column), column.align && 'num'].filter(Boolean).join(' ')}
                data-align={column.align}
              >
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
