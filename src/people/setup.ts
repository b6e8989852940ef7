import { z } from 'zod';
import packageJson from '#package' with { type: 'json' };
import { nothing, openOperation } from '#src/operation.ts';
import { ownerExists } from '#src/people/sign-in.ts';

export const setupOperations = {
  status: openOperation({
    summary: 'Say whether this Fanfare has its owner yet, and which version it is.',
    route: 'GET /setup',
    access: 'read',
    reach: 'everyone',
    input: nothing,
    output: z.object({ ownerExists: z.boolean(), version: z.string(), demo: z.boolean(), publicUrl: z.string() }),
    run: async ({ world }) => ({
      ownerExists: await ownerExists(world),
      version: packageJson.version,
      demo: world.demo,
      publicUrl: world.publicUrl,
    }),
  }),
};
