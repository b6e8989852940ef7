/** What breaks the rule of docs/decisions/0012: where, and what to write instead. */
export type Blocking = { name: string; says: string };

/** Tables that grow with traffic: a lock on one of them while it is read through is felt. */
const LARGE = ['events', 'visits', 'clicks', 'metric_snapshots', 'audit_log', 'touches', 'credits', 'activities'];
const TABLE = `(?:only\\s+)?(?:if\\s+exists\\s+)?(?:public\\.)?(${LARGE.join('|')})\\b`;

const RULES: { breaks(statement: string): boolean; says: string }[] = [
  {
    breaks: (statement) =>
      new RegExp(`^create\\s+(unique\\s+)?index\\s+(?!concurrently).*\\son\\s+${TABLE}`, 's').test(statement),
    says: 'builds an index on a large table, which stops its writes. Make it with create index concurrently, outside the migration.',
  },
  {
    breaks: (statement) => new RegExp(`^alter\\s+table\\s+${TABLE}.*set\\s+not\\s+null`, 's').test(statement),
    says: 'sets not null on a large table, which reads it through under a lock. A validated check (column is not null) says the same.',
  },
  {
    breaks: (statement) =>
      new RegExp(`^alter\\s+table\\s+${TABLE}.*add\\s+(constraint\\s+\\w+\\s+)?(foreign\\s+key|check)`, 's').test(
        statement,
      ) && !/not\s+valid/.test(statement),
    says: 'adds a foreign key or a check to a large table without “not valid”, which reads it through under a lock.',
  },
  {
    breaks: (statement) =>
      new RegExp(`^alter\\s+table\\s+${TABLE}.*alter\\s+(column\\s+)?\\w+\\s+(set\\s+data\\s+)?type\\b`, 's').test(
        statement,
      ),
    says: 'changes the type of a column of a large table, which writes the table anew. Add a column beside it.',
  },
  {
    breaks: (statement) =>
      new RegExp(
        `^alter\\s+table\\s+${TABLE}.*add\\s+column[^,;]*default\\s+(gen_random_uuid|random|clock_timestamp|nextval)`,
        's',
      ).test(statement),
    says: 'adds a column with a default that is computed for each row, which writes the table anew. Add it without, and fill it by a job.',
  },
  {
    breaks: (statement) => new RegExp(`^(update|delete\\s+from)\\s+${TABLE}`).test(statement),
    says: 'changes rows of a large table in one go. Let a job do it in batches.',
  },
  {
    breaks: (statement) => /^lock\s+table|^vacuum\s+full|^cluster\b|^reindex\b/.test(statement),
    says: 'locks a whole table.',
  },
];

/** Reads a migration statement by statement. */
export function blockingIn(name: string, sql: string): Blocking[] {
  const file = sql.replaceAll(/--.*$/gm, '').toLowerCase();
  return file
    .split(';')
    .map((statement) => statement.trim())
    .flatMap((statement) =>
      RULES.filter((rule) => rule.breaks(statement)).map(({ says }) => ({
        name,
        says: `“${statement.slice(0, 80).replaceAll(/\s+/g, ' ')}” ${says}`,
      })),
    );
}
