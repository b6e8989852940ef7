import type { Inside } from '#src/context.ts';
import type { TemplateSeed } from '#src/plan/writing/index.ts';

/** Writes the texts and variables of templates; what stands there already stays as it is. */
export async function writeContents(
  { tx, workspaceId }: Inside,
  templates: readonly (Pick<TemplateSeed, 'parts' | 'variables' | 'wordings'> & { id: string })[],
): Promise<void> {
  const parts = templates.flatMap(({ id: templateId, parts: texts }) =>
    texts.map((text, position) => ({ workspaceId, templateId, position, text })),
  );
  const variables = templates.flatMap(({ id: templateId, variables: own }) =>
    own.map(({ name, type, factKind = null, choices = [], description }) => ({
      ...{ workspaceId, templateId, name, type, factKind, choices, description },
    })),
  );
  const wordings = templates.flatMap(({ id: templateId, wordings: own }) =>
    own.map((wording) => ({ workspaceId, templateId, ...wording })),
  );
  if (parts.length > 0)
    await tx
      .insertInto('templateParts')
      .values(parts)
      .onConflict((oc) => oc.doNothing())
      .execute();
  if (variables.length > 0)
    await tx
      .insertInto('templateVariables')
      .values(variables)
      .onConflict((oc) => oc.doNothing())
      .execute();
  if (wordings.length > 0)
    await tx
      .insertInto('templateWordings')
      .values(wordings)
      .onConflict((oc) => oc.doNothing())
      .execute();
}
