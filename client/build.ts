import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'vite';
import { offered } from '#src/doors/operations.ts';
import { declarationsOf } from './types.ts';

const root = join(import.meta.dirname, '..');

/**
 * Makes the package that other programs call Fanfare with: a file that runs wherever there is `fetch`, its types, and no
 * code of the server.
 *
 * @param folder where to; `dist/client` when run as a command
 */
export async function buildClient(folder: string): Promise<void> {
  const operations = offered();
  const nouns = Map.groupBy(operations, (operation) => operation.noun);
  const table = [...nouns].map(([noun, verbs]) => [
    noun,
    verbs.map(({ verb, method, path }) => [verb, [method, path]]),
  ]);
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    publicDir: false,
    define: { OPERATIONS: JSON.stringify(table) },
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: 'es2022',
      minify: false,
      lib: { entry: join(import.meta.dirname, 'client.ts'), formats: ['es'], fileName: () => 'index.js' },
    },
  });
  const { version, license, repository } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    version: string;
    license: string;
    repository?: unknown;
  };
  const manifest = {
    name: 'fanfare-client',
    version,
    description: 'Calls a Fanfare of your own: every operation, with its types.',
    license,
    ...(repository ? { repository } : {}),
    type: 'module',
    exports: { '.': { types: './index.d.ts', default: './index.js' } },
    sideEffects: false,
    engines: { node: '>=18' },
  };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'index.d.ts'), declarationsOf(operations));
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await writeFile(join(folder, 'README.md'), README);
}

const README = `# fanfare-client

    import { createClient, FanfareError } from 'fanfare-client';

    const fanfare = createClient({ url: 'https://fanfare.example.com', key: process.env.FANFARE_KEY });
    const { apps } = await fanfare.apps.list();

Each operation of your Fanfare is a function under its noun, with its types. What is refused is thrown as a
\`FanfareError\`, in words, with \`status\` and \`problems\`. Nothing is sent twice by itself.
`;

if (import.meta.main) {
  await buildClient(join(root, 'dist', 'client'));
  process.stdout.write('Made dist/client. Publish it with: npm publish ./dist/client\n');
}
