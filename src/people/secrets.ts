import { z } from 'zod';
import { shared, transaction } from '#src/context.ts';
import { nothing, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { requireInstallationOwner } from '#src/people/installation.ts';
import { finish, learnKeys, makeKey } from '#src/people/secrets/follow.ts';
import { countSealed } from '#src/people/secrets/reseal.ts';

const columns = z.array(
  z.object({ table: z.string(), column: z.string(), values: z.int(), older: z.int(), unreadable: z.int() }),
);

export const secretOperations = {
  status: operation({
    summary: 'Say which key seals the stored credentials, and how many stand under which.',
    route: 'GET /secrets',
    access: 'read',
    role: 'owner',
    input: nothing,
    output: z.object({
      /** The key that seals. */
      keyId: z.string(),
      keys: z.array(z.object({ id: z.string(), madeAt: z.date(), retiredAt: z.date().nullable() })),
      /** Values under a key that only opens, and values under a key of a secret that is not known here. */
      older: z.int(),
      unreadable: z.int(),
      columns,
    }),
    run: async (context) => {
      await requireInstallationOwner(context);
      await learnKeys(context);
      const keys = await shared(context, (tx) =>
        tx.selectFrom('sealingKeys').selectAll().orderBy('madeAt', 'desc').orderBy('id').execute(),
      );
      const counted = await countSealed(context);
      return { keyId: context.secrets.keys.current(), keys, ...totals(counted.columns), columns: counted.columns };
    },
  }),
  rotate: operation({
    summary: 'Make a new key and seal every stored credential again under it, while everything goes on.',
    route: 'POST /secrets/rotate',
    access: 'destructive',
    role: 'owner',
    long: true,
    input: nothing,
    output: z.object({ keyId: z.string(), resealed: z.int(), older: z.int(), unreadable: z.int(), columns }),
    run: async (context) => {
      await requireInstallationOwner(context);
      const keyId = await makeKey(context);
      await transaction(context, (inside) => audit(inside, { operation: 'secrets.rotate', after: { keyId } }));
      const resealed = await finish(context);
      const counted = await countSealed(context);
      return { keyId, resealed, ...totals(counted.columns), columns: counted.columns };
    },
  }),
};

function totals(counted: z.infer<typeof columns>) {
  const sum = (name: 'older' | 'unreadable') => counted.reduce((total, one) => total + one[name], 0);
  return { older: sum('older'), unreadable: sum('unreadable') };
}
