import { Command } from 'commander';
import { readConfig } from '#src/config.ts';
import type { Plan } from '#src/db/scale/citus.ts';
import { WrongInput } from '#src/doors/cli/fields.ts';

/** `fanfare scale citus [--dry-run]`: one database becomes several servers, cut by workspace. */
export function scaleCommand(environment: Record<string, string | undefined>, tell: (text: string) => void): Command {
  const command = new Command('scale').description('Grow over several database servers.');
  command
    .command('citus')
    .description(
      'Distribute the tables of the database in DATABASE_URL by workspace, on a Citus cluster. Run it while Fanfare is stopped; again after each upgrade, and daily for what only a sweep removes. See docs/scaling.md.',
    )
    .option('--dry-run', 'show what would be done, on any PostgreSQL, and change nothing')
    .action(async ({ dryRun }: { dryRun?: boolean }) => {
      const { DATABASE_URL: url } = readConfig(environment);
      if (!url) throw new WrongInput('Say which database: set DATABASE_URL to its owner’s login on the coordinator.');
      const citus = await import('#src/db/scale/citus.ts');
      if (dryRun) tell(`${shown(await citus.dryRun(url))}\nNothing was changed.\n`);
      else {
        const { layout } = await citus.distributeByWorkspace(url, (text) => tell(`${text}\n`));
        tell(`\n${summary(layout)}\n`);
      }
    });
  return command;
}

function shown({ layout, steps }: Plan): string {
  const lines = [summary(layout), ''];
  for (const [at, { about, sql }] of steps.entries()) {
    if (about !== steps[at - 1]?.about) lines.push(`-- ${about}.`);
    lines.push(`${sql};`);
  }
  const cannot =
    layout.problems.length > 0 ? ['', 'It cannot be done:', ...layout.problems.map((one) => `  ${one}`)] : [];
  return [...lines, ...cannot].join('\n');
}

function summary({ distributed, reference, local, swept }: Plan['layout']): string {
  return [
    `${distributed.length} tables are cut by workspace_id and lie together.`,
    `${reference.length} are copied to every server: ${reference.join(', ')}.`,
    `${local.length} stay on the coordinator: ${local.join(', ')}.`,
    ...(swept.length > 0
      ? [
          `${swept.length} of those lose a key to a distributed table and are swept instead: ${swept.map(({ from }) => from).join(', ')}.`,
        ]
      : []),
  ].join('\n');
}
