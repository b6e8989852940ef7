import type { Exported } from '#src/people/privacy/export.ts';

/** An export as one HTML page to read or print. It holds no scripts and loads nothing. */
export function pageOf(tables: readonly Exported[], at: Date): string {
  const rows = tables.reduce((sum, table) => sum + table.rows.length, 0);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>What is kept about you</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c1917;background:#fff}
h2{margin-top:2.5rem}dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;border:1px solid #d6d3d1;border-radius:.5rem;padding:1rem}
dt{color:#57534e}dd{margin:0;overflow-wrap:anywhere;white-space:pre-wrap}@media(max-width:40rem){dl{grid-template-columns:1fr}}</style></head>
<body><h1>What is kept about you</h1>
<p>As of ${escaped(at.toISOString())}: ${rows} ${rows === 1 ? 'entry' : 'entries'} in ${tables.length} ${tables.length === 1 ? 'place' : 'places'}.</p>
${tables.map(sectionOf).join('\n')}
</body></html>
`;
}

function sectionOf({ table, rows }: Exported): string {
  const title = table.replaceAll('_', ' ');
  return `<h2>${escaped(title[0]!.toUpperCase() + title.slice(1))}</h2>\n${rows.map(rowOf).join('\n')}`;
}

function rowOf(row: Record<string, unknown>): string {
  const pairs = Object.entries(row).filter(([, value]) => value !== null && value !== '');
  return `<dl>${pairs.map(([key, value]) => `<dt>${escaped(key.replaceAll('_', ' '))}</dt><dd>${escaped(said(value))}</dd>`).join('')}</dl>`;
}

const said = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value, null, 2) : String(value));

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
