import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Command } from 'commander';
import { z } from 'zod';
import { WrongInput } from '#src/doors/cli/fields.ts';
import type { Terminal } from '#src/doors/cli/program.ts';
import type { Server, Where } from '#src/doors/cli/server.ts';
import { offered } from '#src/doors/operations.ts';
import { campaignSchema, type GivenFile, type GivenMedia, readCampaignFiles } from '#src/plan/campaign-files.ts';

const result = z.object({
  summary: z.string(),
  conflicts: z.number(),
  campaigns: z.array(
    z.object({
      file: z.string(),
      key: z.string(),
      name: z.string(),
      madeInApp: z.number(),
      changes: z.array(
        z.object({
          kind: z.string(),
          thing: z.string(),
          key: z.string(),
          field: z.string().nullable(),
          now: z.string().nullable(),
          file: z.string().nullable(),
          why: z.string(),
        }),
      ),
    }),
  ),
});
type Result = z.output<typeof result>;

type Options = Where & {
  app?: string;
  take?: string;
  prune?: boolean;
  dryRun?: boolean;
  json?: boolean;
  schema?: boolean;
};

/** `fanfare plan FILE…`, `fanfare apply FILE…` and `fanfare export-campaign NAME`: campaigns as code. */
export function campaignCommands(
  find: (where: Where) => Promise<Server>,
  terminal: Terminal,
  fail: (status: number) => void,
): Command[] {
  const plan = withPlace(new Command('plan'))
    .description('Show what applying campaign files would change. Nothing is done.')
    .usage('FILE... [options]')
    .argument('[files...]')
    .option('--schema', 'print the format of campaign files as JSON Schema, for editors')
    .action((files: string[], options: Options) => {
      if (options.schema) return terminal.out(`${JSON.stringify(campaignSchema(), null, 2)}\n`);
      return carry('plan', files, options);
    });
  const apply = withPlace(new Command('apply'))
    .description('Make campaigns as their files say: all of it or nothing. Applied again, nothing changes.')
    .usage('FILE... [options]')
    .argument('[files...]')
    .option('--dry-run', 'only show what would be done')
    .action((files: string[], options: Options) => carry(options.dryRun ? 'plan' : 'apply', files, options));
  for (const command of [plan, apply])
    command
      .option('--take <side>', 'file | app: whose word counts where the app was changed too')
      .option('--prune', 'remove what is no longer in the file; what is published stays')
      .option('--json', 'print the answer as JSON');
  const write = withPlace(new Command('export-campaign'))
    .description('Write the file of a campaign as it stands, to standard output.')
    .usage('NAME [options]')
    .argument('<name>', 'its key, its name or its id')
    .action(async (campaign: string, options: Options) => {
      const { app: appId, ...where } = options;
      const value = await ask(await find(where), 'export', { campaign, ...(appId ? { appId } : {}) });
      if (value !== undefined) terminal.out(z.object({ yaml: z.string() }).parse(value).yaml);
    });
  return [plan, apply, write];

  async function carry(verb: 'plan' | 'apply', paths: string[], options: Options): Promise<void> {
    if (paths.length === 0) throw new WrongInput(`Name a campaign file: fanfare ${verb} campaign.yaml`);
    const { app: appId, take, prune, json } = options;
    if (take !== undefined && take !== 'file' && take !== 'app') throw new WrongInput('--take is file or app.');
    const files = paths.map((path) => ({ name: path, yaml: textOf(path, terminal) }));
    const server = await find(options);
    const media = await picturesOf(files, verb === 'apply' ? server : null);
    if (!media) return;
    const more = { ...(appId ? { appId } : {}), ...(take ? { take } : {}), ...(prune ? { prune } : {}) };
    const value = await ask(server, verb, { files, media, ...more });
    if (value === undefined) return;
    const said = result.parse(value);
    terminal.out(json ? `${JSON.stringify(value, null, 2)}\n` : inWords(said));
    if (said.conflicts === 0) return;
    terminal.err('Apply would stop here. Say whose word counts: --take file or --take app.\n');
    fail(409);
  }

  async function ask(server: Server, verb: string, input: Record<string, unknown>): Promise<unknown> {
    const operation = offered().find((one) => one.name === `campaignFiles.${verb}`);
    if (!operation) throw new Error(`This version has no campaignFiles.${verb}.`);
    const outcome = await server.call(operation, input);
    if (outcome.ok) return outcome.value;
    refused(outcome);
    return undefined;
  }

  function refused(outcome: { status: number; message: string; problems: { path: string; message: string }[] }): void {
    terminal.err(
      `${[outcome.message, ...outcome.problems.map((one) => `  ${one.path}: ${one.message}`)].join('\n')}\n`,
    );
    fail(outcome.status);
  }

  /** The pictures that the files name, from the folder of each; they are sent before a file is applied. */
  async function picturesOf(files: readonly GivenFile[], server: Server | null): Promise<GivenMedia[] | null> {
    const media = new Map<string, GivenMedia>();
    for (const document of readCampaignFiles(files).documents)
      for (const path of picturePaths(document.text)) {
        const file = resolve(dirname(document.file.name), path);
        if (!existsSync(file) || !statSync(file).isFile())
          throw new WrongInput(`${document.file.name} names ${path}, and there is no such file beside it.`);
        const bytes = readFileSync(file);
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        const other = media.get(path);
        if (other && other.sha256 !== sha256)
          throw new WrongInput(`Two files mean different pictures by ${path}. Give one of them another name.`);
        if (other) continue;
        const sent = server ? await server.upload(bytes) : null;
        if (sent && !sent.ok) {
          refused(sent);
          return null;
        }
        const assetId = sent?.ok ? z.object({ id: z.string() }).parse(sent.value).id : undefined;
        media.set(path, { path, sha256, ...(assetId ? { assetId } : {}) });
      }
    return [...media.values()];
  }
}

function withPlace(command: Command): Command {
  return command
    .option('--app <id>', 'which app, where the file names none and there are several')
    .option('--url <url>', 'where Fanfare is (FANFARE_URL)')
    .option('--key <key>', 'API key (FANFARE_KEY); not needed on the server’s own machine')
    .option('--workspace <id>', 'the workspace to act in, if you have several');
}

function textOf(path: string, terminal: Terminal): string {
  if (path === '-') return terminal.stdin();
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code = 'no reason given' } = error as NodeJS.ErrnoException;
    const why = { ENOENT: 'There is no such file', EISDIR: 'It is a folder', EACCES: 'You may not read it' }[code];
    throw new WrongInput(`${path} cannot be read. ${why ?? code}.`);
  }
}

function picturePaths(text: unknown): string[] {
  if (Array.isArray(text)) return text.flatMap(picturePaths);
  if (typeof text !== 'object' || text === null) return [];
  return Object.entries(text).flatMap(([name, value]) =>
    name === 'media' && Array.isArray(value)
      ? value.flatMap((one: { path?: string }) => one.path ?? [])
      : picturePaths(value),
  );
}

const SIGN: Record<string, string> = { create: '+', change: '~', remove: '-', drift: '≠', conflict: '!' };

function inWords({ campaigns, summary }: Result): string {
  const lines = campaigns.flatMap(({ file, key, name, changes, madeInApp }) => [
    `${name} (${key}), from ${file}`,
    ...changes.map((one) => {
      const what = `${one.thing === 'campaign' ? 'campaign' : `${one.thing} ${one.key}`}${one.field ? `: ${one.field}` : ''}`;
      const made = one.kind === 'create' && one.file ? `  ${short(one.file)}` : '';
      const value = one.field ? `  ${short(one.now)} → ${short(one.file)}` : made;
      const why = one.why && one.kind !== 'create' ? `  (${one.why})` : '';
      return `  ${SIGN[one.kind] ?? '='} ${what}${value}${why}`;
    }),
    ...(madeInApp > 0 ? [`  ${madeInApp} more made in the app, left alone`] : []),
    '',
  ]);
  return `${lines.join('\n')}${summary}\n`;
}

function short(value: string | null): string {
  if (value === null) return 'none';
  const line = value.replaceAll(/\s*\n\s*/g, ' / ');
  return line.length <= 60 ? line : `${line.slice(0, 59)}…`;
}
