import { z } from 'zod';
import { asSystem, type Context, type Inside, shared, transaction, type World } from '#src/context.ts';
import { done, id, openOperation, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { bringInTemplate, endLinks, templateOf } from '#src/plan/templates.ts';
import { refuse } from '#src/refusal.ts';
import { hashToken, randomToken } from '#src/secrets.ts';
import { asFile, type Content, contentOf, readFile, type TemplateFile, templateFile } from './file.ts';

const DAY = 86_400_000;
const MOST_BYTES = 300_000;
const one = z.strictObject({ templateId: id });
const brought = z.object({ id, name: z.string() });

export const templateSharingOperations = {
  export: operation({
    summary: 'Give a template out as a file: its text and variables, nothing of the app.',
    route: 'GET /templates/{templateId}/file',
    access: 'read',
    input: one,
    output: templateFile,
    run: (context, { templateId }) => transaction(context, (inside) => fileOf(inside, templateId)),
  }),
  import: operation({
    summary: 'Bring a template in from a file, or from a link made by this or another Fanfare.',
    route: 'POST /templates/import',
    access: 'write',
    input: z.strictObject({
      file: z.string().min(1).max(MOST_BYTES).optional().describe('The content of the file.'),
      link: z
        .url({ protocol: /^https?$/ })
        .max(2000)
        .optional(),
    }),
    output: brought,
    run: async (context, { file, link }) => {
      if ((file === undefined) === (link === undefined))
        throw refuse('invalid', 'file_or_link', 'Give either a file or a link.');
      if (link === undefined) return bringInTemplate(context, readFile(file ?? ''), 'a file');
      const address = new URL(link);
      const said = await readLink(context, address);
      const isOwn = address.origin === new URL(context.publicUrl).origin;
      return bringInTemplate(context, said, isOwn ? 'a link of this house' : address.host);
    },
  }),
  share: operation({
    summary: 'Make a link by which everyone who has it reads a template as it stands, and can take it over.',
    route: 'POST /templates/{templateId}/shares',
    // Whoever has the link reads it without an account.
    access: 'destructive',
    input: z.strictObject({ templateId: id, days: z.int().min(1).max(730).default(90) }),
    output: z.object({ url: z.string(), expiresAt: z.date() }),
    run: (context, { templateId, days }) =>
      transaction(context, async (inside) => {
        const { tx, workspaceId, clock } = inside;
        await templateOf(inside, templateId);
        const token = randomToken(32);
        const createdAt = clock.now();
        const expiresAt = new Date(createdAt.getTime() + days * DAY);
        const row = { tokenHash: hashToken(token), workspaceId, templateId, createdAt, expiresAt };
        await tx.insertInto('sharedTemplates').values(row).execute();
        await audit(inside, { operation: 'templates.share', subject: templateId, after: { expiresAt } });
        return { url: `${inside.publicUrl}/shared-templates/${token}`, expiresAt };
      }),
  }),
  unshare: operation({
    summary: 'End all links to a template at once.',
    route: 'DELETE /templates/{templateId}/shares',
    access: 'destructive',
    input: one,
    output: done,
    run: (context, { templateId }) =>
      transaction(context, async (inside) => {
        await templateOf(inside, templateId);
        await endLinks(inside, templateId);
        await audit(inside, { operation: 'templates.unshare', subject: templateId });
        return { done: true };
      }),
  }),
  shared: openOperation({
    summary: 'Read a shared template by the token of its link: the same as its file.',
    route: 'GET /shared-templates/{token}',
    access: 'read',
    reach: 'everyone',
    input: z.strictObject({ token: z.string().min(1).max(200) }),
    output: templateFile,
    run: ({ world }, { token }) => readShared(world, token),
  }),
};

/** How many links to each template lead somewhere. */
export async function openLinks({ tx, workspaceId, clock }: Inside): Promise<Map<string, number>> {
  const rows = await tx
    .selectFrom('sharedTemplates')
    .select(['templateId', (eb) => eb.fn.countAll<number>().as('links')])
    .where('workspaceId', '=', workspaceId)
    .where('revokedAt', 'is', null)
    .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', clock.now())]))
    .groupBy('templateId')
    .execute();
  return new Map(rows.map(({ templateId, links }) => [templateId, Number(links)]));
}

async function fileOf(inside: Inside, templateId: string): Promise<TemplateFile> {
  return asFile(contentOf(await templateOf(inside, templateId)));
}

async function readShared(world: World, token: string): Promise<TemplateFile> {
  const link = await shared(world, (tx) =>
    tx
      .selectFrom('sharedTemplates')
      .select(['workspaceId', 'templateId', 'expiresAt'])
      .where('tokenHash', '=', hashToken(token))
      .where('revokedAt', 'is', null)
      .executeTakeFirst(),
  );
  if (!link || (link.expiresAt && link.expiresAt <= world.clock.now()))
    throw refuse(
      'not_found',
      'no_such_link',
      'This link leads nowhere, or no longer. Ask whoever sent it for a new one.',
    );
  const context = asSystem(world, link.workspaceId, 'shared template');
  return transaction(context, (inside) => fileOf(inside, link.templateId));
}

/** A link of this house is read here; another house's is asked for through the guarded door. */
async function readLink(context: Context, link: URL): Promise<Content> {
  const token = link.pathname.match(/^(?:\/api\/v1)?\/shared-templates\/([\w-]+)$/)?.[1];
  if (!token)
    throw refuse(
      'invalid',
      'template_link',
      'This is no link to a template. It ends in /shared-templates/ and a token.',
    );
  if (link.origin === new URL(context.publicUrl).origin)
    return readFile(JSON.stringify(await readShared(context, token)));
  const address = `${link.origin}/api/v1/shared-templates/${token}`;
  const fetched = await context.web.fetchText(address, { maxBytes: MOST_BYTES });
  if (!fetched.ok) throw refuse('invalid', 'template_link', fetched.refusal.message);
  return readFile(fetched.page.text);
}
