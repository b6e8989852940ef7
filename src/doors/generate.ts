import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { schemaDocument } from '#src/db/generate/document.ts';
import { readModel } from '#src/db/generate/model.ts';
import { schemaSql } from '#src/db/generate/schema.ts';
import { withScratchDatabase } from '#src/db/generate/scratch.ts';
import { typesOf } from '#src/db/generate/types.ts';
import { configurationDocument, flowDocument, operationsDocument } from '#src/doors/documents.ts';
import { webhooksDocument } from '#src/doors/webhooks-document.ts';
import { processingDocument } from '#src/people/privacy/document.ts';

/**
 * Writes what is cut from the database, the catalog and the flow. With `--check` writes nothing and exits with 1, naming
 * the files that are stale.
 */
const root = new URL('../../', import.meta.url);
const check = process.argv.includes('--check');

const files = await withScratchDatabase(async (client, url) => {
  const model = await readModel(client);
  return {
    'db/schema.sql': schemaSql(model),
    'src/db/types.ts': await typesOf(client, url),
    'docs/schema.md': schemaDocument(model),
    'docs/data-processing.md': processingDocument(model),
    'docs/operations.md': operationsDocument(),
    'docs/flow.md': flowDocument(),
    'docs/configuration.md': configurationDocument(),
    'docs/webhooks.md': webhooksDocument(),
  };
});

const stale: string[] = [];
for (const [name, text] of Object.entries(files)) {
  const file = new URL(name, root);
  if ((await readFile(file, 'utf8').catch(() => '')) === text) continue;
  stale.push(name);
  if (check) continue;
  await mkdir(dirname(fileURLToPath(file)), { recursive: true });
  await writeFile(file, text);
}
if (stale.length === 0) console.log('Everything generated is up to date.');
else if (!check) console.log(`Wrote ${stale.join(', ')}.`);
else {
  console.error(`Stale: ${stale.join(', ')}. Run "npm run generate" and commit the result.`);
  process.exitCode = 1;
}
