import { type Inside, userOf } from '#src/context.ts';
import { notFound } from '#src/refusal.ts';
import { type Content, content, contentOf } from './file.ts';

/** Keeps what a template says before it is changed; returns the number of the version that takes its place. */
export async function keepVersion(
  inside: Inside,
  template: Parameters<typeof contentOf>[0] & { id: string; version: number },
): Promise<number> {
  const { tx, workspaceId, clock } = inside;
  await tx
    .insertInto('templateVersions')
    .values({
      workspaceId,
      templateId: template.id,
      version: template.version,
      content: JSON.stringify(contentOf(template)),
      replacedAt: clock.now(),
      replacedBy: userOf(inside),
    })
    .execute();
  return template.version + 1;
}

/** What a template said before, the latest first. */
export async function readVersions(
  { tx }: Inside,
  templateId: string,
): Promise<{ version: number; replacedAt: Date; content: Content }[]> {
  const rows = await tx
    .selectFrom('templateVersions')
    .select(['version', 'replacedAt', 'content'])
    .where('templateId', '=', templateId)
    .orderBy('version', 'desc')
    .limit(100)
    .execute();
  return rows.map((row) => ({ ...row, content: content.parse(row.content) }));
}

export async function versionOf({ tx }: Inside, templateId: string, version: number): Promise<Content> {
  const row = await tx
    .selectFrom('templateVersions')
    .select('content')
    .where('templateId', '=', templateId)
    .where('version', '=', version)
    .executeTakeFirst();
  if (!row) throw notFound('version of this template');
  return content.parse(row.content);
}
