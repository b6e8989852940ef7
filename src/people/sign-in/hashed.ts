import type { BetterAuthPlugin } from 'better-auth';
import { hashToken } from '#src/secrets.ts';

type Adapter = Parameters<NonNullable<BetterAuthPlugin['init']>>[0]['adapter'];
type Statements = Omit<Adapter, 'transaction'>;
type Condition = Parameters<Adapter['findOne']>[0]['where'][number];

/**
 * Keeps session tokens as their SHA-256: who reads the database, or a backup of it, holds no cookie. The library hashes
 * codes and reset tokens itself but not these, so everything it says to the table of sessions passes through here. The
 * token comes back only where it was given: on creation, and when it was looked for.
 */
export const hashedSessions = {
  id: 'hashed-sessions',
  init: (context) => ({ context: { adapter: hashing(context.adapter) } }),
} satisfies BetterAuthPlugin;

function hashing(adapter: Adapter): Adapter {
  return {
    ...statements(adapter),
    transaction: (run) => adapter.transaction((inner) => run(statements(inner))),
  };
}

function statements<A extends Statements>(inner: A): A {
  return {
    ...inner,
    create: async (asked) => {
      const token = tokenIn(asked.model, asked.data);
      if (token === null) return inner.create(asked);
      const row = await inner.create({ ...asked, data: { ...asked.data, token: hashToken(token) } });
      return { ...row, token };
    },
    findOne: async (asked) => shown(asked, await inner.findOne(hashedWhere(asked))),
    findMany: async (asked) => inner.findMany(hashedWhere(asked)),
    count: (asked) => inner.count(hashedWhere(asked)),
    update: async (asked) => shown(asked, await inner.update(hashedWhere(asked))),
    updateMany: (asked) => inner.updateMany(hashedWhere(asked)),
    delete: (asked) => inner.delete(hashedWhere(asked)),
    deleteMany: (asked) => inner.deleteMany(hashedWhere(asked)),
    consumeOne: (asked) => inner.consumeOne(hashedWhere(asked)),
    incrementOne: (asked) => inner.incrementOne(hashedWhere(asked)),
  };
}

const isToken = (model: string, condition: Condition) => model === 'session' && condition.field === 'token';

function hashedWhere<T extends { model: string; where?: Condition[] | undefined }>(asked: T): T {
  if (!asked.where?.some((condition) => isToken(asked.model, condition))) return asked;
  const where = asked.where.map((condition) =>
    isToken(asked.model, condition) ? { ...condition, value: hashedValue(condition.value) } : condition,
  );
  return { ...asked, where };
}

function hashedValue(value: Condition['value']): Condition['value'] {
  return Array.isArray(value) ? value.map((one) => hashToken(String(one))) : hashToken(String(value));
}

/** The row with the token by which it was found. */
function shown<T>(asked: { model: string; where: Condition[] }, row: T | null): T | null {
  const by = asked.where.find((condition) => isToken(asked.model, condition));
  return row !== null && typeof by?.value === 'string' ? { ...row, token: by.value } : row;
}

function tokenIn(model: string, data: Record<string, unknown>): string | null {
  return model === 'session' && typeof data.token === 'string' ? data.token : null;
}
