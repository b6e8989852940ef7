import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import type { FactKind } from '#src/understand/findings.ts';

export type KnownKind = Exclude<FactKind, 'keyword'> | 'personality';
type Change = 'found' | 'confirmed' | 'corrected' | 'retired' | 'restored';

/** A person says that a fact is true. From then on no reading changes it. */
export function confirmFact(context: Context, factId: string): Promise<{ id: string }> {
  return decide(context, factId, 'confirmed', (fact) => {
    if (fact.state === 'retired') throw restoreFirst();
    return { state: fact.state === 'corrected' ? 'corrected' : 'confirmed', confidence: 1 };
  });
}

/** A person says it better. The old words stay in the history, and the fact keeps its evidence. */
export function correctFact(context: Context, factId: string, statement: string): Promise<{ id: string }> {
  return decide(context, factId, 'corrected', (fact) => {
    if (fact.state === 'retired') throw restoreFirst();
    if (fact.statement === statement)
      throw refuse('invalid', 'nothing_to_change', 'This is what it says already. Confirm it if it is right.');
    return { state: 'corrected', confidence: 1, statement };
  });
}

/** A person says that a fact is not to be used. It is kept, and a reading that finds it again does not bring it back. */
export function retireFact(context: Context, factId: string): Promise<{ id: string }> {
  return decide(context, factId, 'retired', (fact) => {
    if (fact.state === 'retired') throw refuse('conflict', 'already_retired', 'This fact is retired already.');
    return { state: 'retired' };
  });
}

/** Takes a retired fact back as what it was: corrected, confirmed, or proposed. */
export function restoreFact(context: Context, factId: string): Promise<{ id: string }> {
  return decide(context, factId, 'restored', (fact, before) => {
    if (fact.state !== 'retired')
      throw refuse('conflict', 'not_retired', 'This fact is in use; there is nothing to restore.');
    if (before.includes('corrected')) return { state: 'corrected' };
    return { state: before.includes('confirmed') || fact.source === 'person' ? 'confirmed' : 'proposed' };
  });
}

/** A person adds what no page says, or says where it stands. */
export function addFact(
  context: Context,
  wanted: {
    appId: string;
    kind: KnownKind;
    statement: string;
    evidence?: { url: string; quote: string } | undefined;
  },
): Promise<{ id: string }> {
  return transaction(context, async (inside) => {
    await appOf(inside, wanted.appId);
    const { tx, workspaceId } = inside;
    const now = inside.clock.now();
    const twin = await tx
      .selectFrom('facts')
      .select('state')
      .where('appId', '=', wanted.appId)
      .where('kind', '=', wanted.kind)
      .where('statement', '=', wanted.statement)
      .executeTakeFirst();
    if (twin)
      throw refuse(
        'conflict',
        'fact_exists',
        twin.state === 'retired'
          ? 'This fact is known and retired. Restore it instead.'
          : 'This fact is known already.',
      );
    const { id } = await tx
      .insertInto('facts')
      .values({
        workspaceId,
        appId: wanted.appId,
        kind: wanted.kind,
        statement: wanted.statement,
        confidence: 1,
        state: 'confirmed',
        source: 'person',
        decidedBy: userOf(inside),
        decidedAt: now,
        createdAt: now,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    if (wanted.evidence)
      await tx
        .insertInto('evidence')
        .values({ workspaceId, factId: id, ...wanted.evidence, seenAt: now })
        .execute();
    await keepChange(inside, id, 'found', null, wanted.statement);
    await audit(inside, { operation: 'knowledge.add', subject: id, after: { statement: wanted.statement } });
    await record(inside, 'fact.added', { subjectId: id, detail: { appId: wanted.appId } });
    return { id };
  });
}

type Fact = { state: 'proposed' | 'confirmed' | 'corrected' | 'retired'; statement: string; source: string };
type Decision = { state: Fact['state']; confidence?: number; statement?: string };

function decide(
  context: Context,
  factId: string,
  change: Exclude<Change, 'found'>,
  to: (fact: Fact, before: string[]) => Decision,
): Promise<{ id: string }> {
  return transaction(context, async (inside) => {
    const { tx } = inside;
    const fact = await tx
      .selectFrom('facts')
      .select(['appId', 'state', 'statement', 'source'])
      .where('id', '=', factId)
      .forUpdate()
      .executeTakeFirst();
    if (!fact) throw notFound('fact');
    const history = await tx.selectFrom('factChanges').select('change').where('factId', '=', factId).execute();
    const decision = to(
      fact,
      history.map((one) => one.change),
    );
    await tx
      .updateTable('facts')
      .set({ ...decision, decidedBy: userOf(inside), decidedAt: inside.clock.now() })
      .where('id', '=', factId)
      .execute();
    const after = decision.statement ?? fact.statement;
    await keepChange(inside, factId, change, fact.statement, after);
    await audit(inside, {
      operation: `knowledge.${OPERATION[change]}`,
      subject: factId,
      before: { state: fact.state, statement: fact.statement },
      after: { state: decision.state, statement: after },
    });
    await record(inside, `fact.${change}`, { subjectId: factId, detail: { appId: fact.appId } });
    return { id: factId };
  });
}

const OPERATION = { confirmed: 'confirm', corrected: 'correct', retired: 'retire', restored: 'restore' };

async function keepChange(inside: Inside, factId: string, change: Change, before: string | null, after: string | null) {
  await inside.tx
    .insertInto('factChanges')
    .values({
      workspaceId: inside.workspaceId,
      factId,
      change,
      before,
      after,
      changedBy: userOf(inside),
      changedAt: inside.clock.now(),
    })
    .execute();
}

function restoreFirst() {
  return refuse('conflict', 'fact_retired', 'This fact is retired. Restore it first.');
}
