import { z } from 'zod';
import type { Context } from '#src/context.ts';
import { databaseChecks } from '#src/doctor/database.ts';
import { carryOut, type Finding, type Verdict, verdicts } from '#src/doctor/finding.ts';
import { machineChecks } from '#src/doctor/machine.ts';
import { reachChecks } from '#src/doctor/reach.ts';
import { nothing, operation } from '#src/operation.ts';
import { requireInstallationOwner } from '#src/people/installation.ts';

/**
 * Looks at everything that Fanfare needs and says of each how it is, what that means and what to do: the installation's
 * database, queue, disk, clock, memory, backups and address; the workspace's accounts, mail, link domain and apps.
 * Changes nothing and sends nothing to anybody but questions.
 */
export async function checkUp(context: Context): Promise<Finding[]> {
  return carryOut([...databaseChecks(context), ...machineChecks(context), ...reachChecks(context)]);
}

/** The worst of them; what could not be looked at is no verdict. */
export function worstOf(findings: readonly Pick<Finding, 'verdict'>[]): Exclude<Verdict, 'unknown'> {
  const has = (verdict: Verdict) => findings.some((one) => one.verdict === verdict);
  return has('problem') ? 'problem' : has('warning') ? 'warning' : 'ok';
}

export const doctorOperations = {
  check: operation({
    summary: 'Check everything Fanfare needs, from the database to the public address, and say what to do.',
    route: 'GET /doctor',
    access: 'read',
    role: 'owner',
    long: true,
    input: nothing,
    output: z.object({
      verdict: z.enum(['ok', 'warning', 'problem']),
      checkedAt: z.date(),
      checks: z.array(
        z.object({
          id: z.string(),
          title: z.string(),
          /** unknown: it could not be looked at, or there is nothing to look at yet. */
          verdict: z.enum(verdicts),
          says: z.string(),
          todo: z.string().nullable(),
        }),
      ),
    }),
    run: async (context) => {
      await requireInstallationOwner(context);
      const checks = await checkUp(context);
      return { verdict: worstOf(checks), checkedAt: context.clock.now(), checks };
    },
  }),
};
