import pg from 'pg';

/** Every text that was sent to the database while `run` ran in this process, each once. */
export async function statementsOf(run: () => Promise<unknown>): Promise<string[]> {
  const texts = new Set<string>();
  const { query } = pg.Client.prototype;
  const noting = function (this: pg.Client, asked: unknown, ...rest: unknown[]): unknown {
    const text = typeof asked === 'string' ? asked : (asked as { text?: unknown } | null)?.text;
    if (typeof text === 'string') texts.add(text);
    return Reflect.apply(query, this, [asked, ...rest]) as unknown;
  };
  pg.Client.prototype.query = noting as typeof query;
  try {
    await run();
  } finally {
    pg.Client.prototype.query = query;
  }
  return [...texts].filter((text) => /^\s*(select|insert|update|delete|with|merge)\b/i.test(text));
}

type Node = { [key: string]: unknown; Plans?: Node[] };

/**
 * Statements that read or change a tenant table without saying which workspace, with the tables, as this login plans
 * them: the owner is held to no policy, so for it only what the text itself says counts. A table counts as bound when its
 * rows are found by `workspace_id`, by a value or by that of a row it is joined to.
 */
export async function unbound(
  client: pg.Client,
  texts: readonly string[],
  tenants: ReadonlySet<string>,
): Promise<string[]> {
  const found: string[] = [];
  for (const text of texts) {
    // The queue's own statements, in its own schema.
    if (text.includes('graphile_worker')) continue;
    const tables = await unboundIn(client, text, tenants);
    if (tables.length > 0) found.push(`${tables.join(', ')}: ${text}`);
  }
  return found;
}

async function unboundIn(client: pg.Client, text: string, tenants: ReadonlySet<string>): Promise<string[]> {
  const { rows } = await client.query<{ 'QUERY PLAN': { Plan: Node }[] }>(
    `explain (generic_plan, format json, verbose) ${text}`,
  );
  const found: string[] = [];
  const walk = (node: Node, above: string): void => {
    const own = conditions(node);
    const table = tableOf(node);
    if (table && tenants.has(table) && /Scan$/.test(String(node['Node Type'])) && !isInner(node)) {
      const alias = String(node.Alias);
      const said = `${own} ${below(node)} ${above}`;
      const bound = new RegExp(`(^|[^\\w.])(${alias}\\.)?workspace_id = |= (\\(?${alias}\\.)workspace_id`).test(said);
      if (!bound) found.push(table);
    }
    for (const child of node.Plans ?? []) walk(child, `${own} ${above}`);
  };
  for (const { Plan } of rows[0]!['QUERY PLAN']) walk(Plan, '');
  return [...new Set(found)];
}

/** A bitmap's index has the table's name, and its condition stands with the scan above it. */
function isInner(node: Node): boolean {
  return node['Node Type'] === 'Bitmap Index Scan';
}

function below(node: Node): string {
  return (node.Plans ?? []).map((child) => `${conditions(child)} ${below(child)}`).join(' ');
}

function conditions(node: Node): string {
  return Object.entries(node)
    .filter(([key]) => /Cond$|Filter$/.test(key))
    .map(([, value]) => String(value))
    .join(' ');
}

/** A partition counts as its table. */
function tableOf(node: Node): string | null {
  const name = node['Relation Name'];
  return typeof name === 'string' ? name.replace(/_(\d{6}|other)$/, '') : null;
}
