import { posix } from 'node:path';
import { bare, type Import, importsOf, lineOf, type SourceFile } from '#test/architecture/text.ts';

/** One breach of a rule: where, and what it says to whoever made it. */
export type Finding = { rule: string; path: string; line: number; says: string };

/** A rule looks at all files and says what breaks it. */
export type Rule = (files: SourceFile[]) => Finding[];

/** The layers, earliest first: a file imports its own and earlier ones only. */
export const LAYERS: { name: string; holds: RegExp }[] = [
  { name: 'config, log, trail', holds: /^src\/(config|log|trail)\.ts$/ },
  { name: 'secrets', holds: /^src\/secrets\.ts$/ },
  { name: 'outside', holds: /^src\/outside\// },
  { name: 'db', holds: /^src\/db\// },
  { name: 'context', holds: /^src\/(context|refusal)\.ts$/ },
  {
    name: 'operation, activity, jobs, ask, gather',
    holds: /^src\/((operation|activity|activities|jobs|gather|ask)\.ts$|ask\/)/,
  },
  { name: 'people', holds: /^src\/people\// },
  { name: 'understand', holds: /^src\/understand\// },
  { name: 'plan', holds: /^src\/plan\// },
  { name: 'distribute', holds: /^src\/distribute\// },
  { name: 'measure', holds: /^src\/measure\// },
  { name: 'grow', holds: /^src\/grow\// },
  { name: 'catalog, flow, reactions, doctor', holds: /^src\/((catalog|flow|reactions|world|doctor)\.ts$|doctor\/)/ },
  { name: 'doors', holds: /^src\/doors\// },
  { name: 'main', holds: /^src\/main\.ts$/ },
];

/** Pure files that the browser may take whole: counting, cutting and sentences have to be the same on both sides. */
export const FOR_THE_BROWSER =
  /^src\/(outside\/platforms\/x\/(count|urls|tlds)|plan\/(posts\/fits|writing\/split)|distribute\/accounts\/problems|understand\/knowledge\/groups)\.ts$/;

const NETWORK =
  /^(undici|nodemailer|stripe|ai|ai\/.*|@ai-sdk\/.*|@atproto\/.*|masto|grammy|@slack\/.*|axios|got|ws|node:(net|tls|http|https|http2|dns|dns\/promises|dgram)|net|tls|http|https|http2|dns|dgram)$/;

const isTest = (path: string) => /\.test\.tsx?$/.test(path);
const own = (files: SourceFile[], folder: RegExp) =>
  files.filter((file) => folder.test(file.path) && !isTest(file.path));

/** The file an import of ours means, as a path from the root; undefined for a library. */
export function targetOf(path: string, from: string): string | undefined {
  if (from === '#package') return 'package.json';
  if (from.startsWith('#')) return from.slice(1);
  if (from.startsWith('.')) return posix.join(posix.dirname(path), from);
  return undefined;
}

function overImports(
  files: SourceFile[],
  judge: (file: SourceFile, one: Import, target: string | undefined) => string | undefined,
  rule: string,
): Finding[] {
  return files.flatMap((file) =>
    importsOf(file).flatMap((one) => {
      const says = judge(file, one, targetOf(file.path, one.from));
      return says ? [{ rule, path: file.path, line: one.line, says }] : [];
    }),
  );
}

/** config → secrets → outside → db → … → doors → main, and nothing of the server reaches for web or test. */
export const layers: Rule = (files) =>
  overImports(
    own(files, /^src\//),
    (file, one, target) => {
      if (!target) return undefined;
      const mine = LAYERS.findIndex((layer) => layer.holds.test(file.path));
      if (mine < 0) return `stands in no layer; every file in src belongs to one`;
      if (target === 'package.json') return undefined;
      if (!target.startsWith('src/'))
        return mine === LAYERS.length - 1 && /^(web\/build|db\/seed)/.test(target)
          ? undefined
          : `imports ${one.from}: src stands alone, only main starts the build and the seed`;
      const theirs = LAYERS.findIndex((layer) => layer.holds.test(target));
      if (theirs < 0) return `imports ${one.from}, which stands in no layer`;
      return theirs > mine
        ? `${LAYERS[mine]!.name} imports ${one.from} of the later layer ${LAYERS[theirs]!.name}`
        : undefined;
    },
    'layers',
  );

export const noClimbing: Rule = (files) =>
  overImports(
    files,
    (_, one) =>
      /(^|\/)\.\.(\/|$)/.test(one.from) ? `imports ${one.from}: write #src/…, #web/… or #test/…` : undefined,
    'no climbing',
  );

/** The page takes types of the server, and a few files that are pure: they import nothing but each other. */
export const webTakesTypes: Rule = (files) => [
  ...overImports(
    own(files, /^(web|tracker)\//).filter((file) => !/^web\/(build|vite\.config)\.ts$/.test(file.path)),
    (_, one, target) =>
      target?.startsWith('src/') && !one.types && !FOR_THE_BROWSER.test(target)
        ? `takes ${one.from} into the browser; import type, or ask the API`
        : undefined,
    'web takes types',
  ),
  ...overImports(
    own(files, FOR_THE_BROWSER),
    (_, one, target) =>
      one.types || (target && FOR_THE_BROWSER.test(target))
        ? undefined
        : `is taken into the browser, so it may not import ${one.from}`,
    'web takes types',
  ),
];

/** Only src/outside leaves the process. Listening is for doors and main; the database driver for db. */
export const network: Rule = (files) => {
  const inside = own(files, /^src\/(?!outside\/)/);
  const imports = overImports(
    inside,
    (_, one) =>
      NETWORK.test(one.from) && !one.types ? `imports ${one.from}: only src/outside reaches the network` : undefined,
    'network',
  );
  const servers = overImports(
    inside,
    (file, one) =>
      one.from.startsWith('@hono/node-server') && !/^src\/(doors\/|main\.ts)/.test(file.path)
        ? 'listens: that is for doors and main'
        : undefined,
    'network',
  );
  return [
    ...imports,
    ...servers,
    ...overText(
      inside,
      /(?<![.\w$])fetch\(|\bglobalThis\.fetch\b|\bnew (WebSocket|EventSource|XMLHttpRequest)\b/g,
      'network',
      (match) => `calls ${match[0]}: only src/outside reaches the network`,
    ),
  ];
};

/** An adapter knows one service's protocol: no database, no settings, no context. */
export const adaptersAreLeaves: Rule = (files) =>
  overImports(
    own(files, /^src\/outside\/(platforms|payments|analytics|ai)\//),
    (_, one, target) => {
      if (target)
        return target.startsWith('src/outside/') || target === 'package.json'
          ? undefined
          : `an adapter imports ${one.from}; it may know src/outside and libraries only`;
      return /^(pg|kysely|graphile-worker|hono|@hono\/.*|@orpc\/.*|better-auth.*)$/.test(one.from)
        ? `an adapter imports ${one.from}`
        : undefined;
    },
    'adapters are leaves',
  );

/** No `any`, no silenced compiler. */
export const noAny: Rule = (files) => {
  const typescript = files.filter((file) => /\.tsx?$/.test(file.path));
  const anys = overText(
    typescript,
    /(?<=(?::|<|\||&|=>|\bas|\bextends)\s*)\bany\b(?!\s*[.(:])|\bany\[\]|(?<=,\s*)any(?=\s*>)/g,
    'no any',
    () => 'says any; unknown and a schema say what it is',
  );
  const silenced = typescript.flatMap((file) =>
    [...file.text.matchAll(/(?:\/\/|\/\*|\{\/\*)\s*@ts-(?:ignore|expect-error|nocheck)/g)].map((match) => ({
      rule: 'no any',
      path: file.path,
      line: lineOf(file.text, match.index),
      says: 'silences the compiler',
    })),
  );
  return [...anys, ...silenced];
};

/** Lists that are data, not reasoning: however long, they are read in a second. */
export const PURE_DATA =
  /^(src\/db\/types\.ts|src\/outside\/platforms\/x\/tlds\.ts|src\/measure\/(agent-patterns|source-sites)\.ts)$/;
export const LONGEST = 350;
/** Tests are read one story at a time. */
export const LONGEST_TEST = 500;

export const shortFiles: Rule = (files) =>
  files.flatMap((file) => {
    const lines = file.text.trimEnd().split('\n').length;
    const most = isTest(file.path) ? LONGEST_TEST : LONGEST;
    return lines > most && /\.tsx?$/.test(file.path) && !PURE_DATA.test(file.path)
      ? [
          {
            rule: 'short files',
            path: file.path,
            line: lines,
            says: `has ${lines} lines; split it in a folder of the noun's name (${most} at most)`,
          },
        ]
      : [];
  });

/** Which modules may write a table, by its comment `Written by plan/posts` in the schema. */
export function writersIn(schema: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [, table, comment] of schema.matchAll(/^comment on table (\w+) is '((?:[^']|'')*)';/gm)) {
    const named = /Written by ([^;]+?)\.?$/.exec(comment!)?.[1] ?? '';
    found.set(
      table!,
      named
        .replaceAll(/\([^)]*\)/g, '')
        .split(/,| and /)
        .map((one) => one.trim())
        .filter(Boolean)
        .map(moduleName),
    );
  }
  return found;
}

/** `src/plan/posts/words.ts` → `plan/posts`, `src/ask.ts` → `ask`: a noun is one file or one folder. */
export function moduleName(path: string): string {
  return path
    .replace(/^src\//, '')
    .replace(/\.ts$/, '')
    .split('/')
    .slice(0, 2)
    .join('/');
}

/** One table has one writing module: the one its comment names. The schema is `db/schema.sql` among the files. */
export const oneWriter: Rule = (files) => {
  const schema = files.find((file) => file.path === 'db/schema.sql');
  if (!schema)
    return [{ rule: 'one writer', path: 'db/schema.sql', line: 1, says: 'is missing; run npm run generate' }];
  const writers = writersIn(schema.text);
  const unnamed = [...writers].flatMap(([table, modules]) => {
    // The sign-in library writes users by itself; privacy erases them.
    const most = table === 'users' ? 2 : 1;
    if (modules.length > 0 && modules.length <= most) return [];
    const says =
      modules.length === 0
        ? `the comment on ${table} names no writer`
        : `the comment on ${table} names ${modules.length} writers`;
    return [
      {
        rule: 'one writer',
        path: schema.path,
        line: lineOf(schema.text, schema.text.indexOf(`comment on table ${table} `)),
        says,
      },
    ];
  });
  const writes = own(files, /^src\//).flatMap((file) =>
    writesOf(file).flatMap(({ table, line }) => {
      const allowed = writers.get(table);
      if (!allowed || allowed.includes(moduleName(file.path))) return [];
      return [
        {
          rule: 'one writer',
          path: file.path,
          line,
          says: `writes ${table}, which is written by ${allowed.join(' and ') || 'nobody'}`,
        },
      ];
    }),
  );
  return [...unnamed, ...writes];
};

/** Tables a file writes, through the query builder or in SQL. */
function writesOf(file: SourceFile): { table: string; line: number }[] {
  const text = bare(file.text, { strings: false });
  const built = [...text.matchAll(/\b(?:insertInto|updateTable|deleteFrom|replaceInto|mergeInto)\(\s*['"`](\w+)/g)];
  const said = [
    ...text.matchAll(
      /\b(?:insert\s+into|delete\s+from|merge\s+into|update(?=\s+(?:public\.)?\w+(?:\s+(?:as\s+)?\w+)?\s+set\b)|truncate(?:\s+table)?)\s+(?:only\s+)?(?:public\.)?(\w+)/gi,
    ),
  ];
  return [...built, ...said].map((match) => ({ table: snake(match[1]!), line: lineOf(text, match.index) }));
}

function snake(name: string): string {
  return name.replaceAll(/([A-Z])/g, '_$1').toLowerCase();
}

function overText(
  files: SourceFile[],
  pattern: RegExp,
  rule: string,
  says: (match: RegExpExecArray) => string,
): Finding[] {
  return files.flatMap((file) => {
    const text = bare(file.text, { strings: true });
    return [...text.matchAll(pattern)].map((match) => ({
      rule,
      path: file.path,
      line: lineOf(text, match.index),
      says: says(match),
    }));
  });
}

/** All rules over sources, by name. */
export const sourceRules: Record<string, Rule> = {
  layers,
  noClimbing,
  webTakesTypes,
  network,
  adaptersAreLeaves,
  noAny,
  shortFiles,
  oneWriter,
};
