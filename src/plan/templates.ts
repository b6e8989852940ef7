import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { factKinds } from '#src/understand/findings.ts';
import { platformOf } from './posts/words.ts';
import { type GivenVariable, namesIn, variablesOf } from './templates/variables.ts';
import { keepVersion } from './templates/versions.ts';
import { builtInTemplates, type TemplateKind, type TemplateSeed, type TemplateVariable } from './writing/index.ts';

/** A template as the writing takes it, with its id. */
export type Template = TemplateSeed & { id: string; builtIn: boolean; platformId: string; version: number };

/** Puts the built-in templates there, once per workspace; one that was removed stays removed. */
export async function seedTemplates(inside: Inside): Promise<void> {
  const { tx } = inside;
  const known = await tx.selectFrom('templates').select('name').execute();
  const names = new Set(known.map((template) => template.name));
  for (const seed of builtInTemplates) if (!names.has(seed.name)) await insertTemplate(inside, seed, true);
}

/** The templates in use, built-in ones first, seeded when there are none yet. */
export async function templatesInUse(inside: Inside): Promise<Template[]> {
  await seedTemplates(inside);
  return readTemplates(inside, {});
}

/** Templates with parts and variables. Retired ones only by id or on request. */
export async function readTemplates(
  { tx }: Inside,
  filter: { templateId?: string; retired?: boolean },
): Promise<(Template & { retiredAt: Date | null; createdAt: Date; importedFrom: string | null })[]> {
  const templates = await tx
    .selectFrom('templates')
    .select(['id', 'name', 'kind', 'platform', 'builtIn', 'retiredAt', 'createdAt', 'version', 'importedFrom'])
    .$if(filter.templateId !== undefined, (query) => query.where('id', '=', filter.templateId ?? ''))
    .$if(filter.templateId === undefined && !filter.retired, (query) => query.where('retiredAt', 'is', null))
    .orderBy('builtIn', 'desc')
    .orderBy('kind')
    .orderBy('name')
    .execute();
  if (templates.length === 0) return [];
  const ids = templates.map((template) => template.id);
  const parts = await tx
    .selectFrom('templateParts')
    .select(['templateId', 'text'])
    .where('templateId', 'in', ids)
    .orderBy('position')
    .execute();
  const variables = await tx.selectFrom('templateVariables').selectAll().where('templateId', 'in', ids).execute();
  return templates.map((template) => ({
    ...template,
    platform: 'x',
    platformId: template.platform,
    parts: parts.filter((part) => part.templateId === template.id).map((part) => part.text),
    variables: inOrder(
      parts.filter((part) => part.templateId === template.id).map((part) => part.text),
      variables.filter((variable) => variable.templateId === template.id),
    ),
  }));
}

function inOrder(
  parts: readonly string[],
  rows: readonly {
    name: string;
    type: TemplateVariable['type'];
    factKind: string | null;
    choices: string[];
    description: string;
  }[],
): TemplateVariable[] {
  return namesIn(parts).flatMap((name) => {
    const row = rows.find((one) => one.name === name);
    const factKind = factKinds.find((kind) => kind === row?.factKind);
    if (!row) return [];
    const { type, description, choices } = row;
    return [{ name, type, description, ...(factKind ? { factKind } : {}), ...(choices.length > 0 ? { choices } : {}) }];
  });
}

export type NewTemplate = {
  name: string;
  kind: TemplateKind;
  platform: string;
  parts: readonly string[];
  /** For names the product does not know; those it knows are filled from knowledge. */
  variables?: readonly GivenVariable[] | undefined;
};

/** A template of one's own. Variables are what stands in `{{…}}`: known ones are filled from knowledge. */
export async function createTemplate(context: Context, wanted: NewTemplate): Promise<{ id: string }> {
  return transaction(context, async (inside) => {
    await seedTemplates(inside);
    await assertNameFree(inside, wanted.name, null);
    const id = await addTemplate(inside, wanted, null);
    await audit(inside, { operation: 'templates.create', subject: id, after: { name: wanted.name } });
    return { id };
  });
}

/** A template somebody else made. Where its name is taken, it gets a number behind it. */
export async function bringInTemplate(
  context: Context,
  wanted: NewTemplate,
  from: string,
): Promise<{ id: string; name: string }> {
  return transaction(context, async (inside) => {
    await seedTemplates(inside);
    const name = await freeName(inside, wanted.name);
    const id = await addTemplate(inside, { ...wanted, name }, from);
    await audit(inside, { operation: 'templates.import', subject: id, after: { name, from } });
    return { id, name };
  });
}

async function addTemplate(inside: Inside, wanted: NewTemplate, importedFrom: string | null): Promise<string> {
  platformOf(inside, wanted.platform);
  const variables = variablesOf(wanted.parts, wanted.variables ?? []);
  const id = await insertTemplate(inside, { ...wanted, parts: [...wanted.parts], variables }, false, importedFrom);
  if (!id) throw refuse('conflict', 'template_exists', `There is a template called “${wanted.name}” already.`);
  return id;
}

/** Changes a template of one's own. Built-in ones stay as they are: make a new one from their text. */
export async function updateTemplate(
  context: Context,
  templateId: string,
  change: Partial<NewTemplate>,
): Promise<void> {
  await transaction(context, async (inside) => {
    const template = await templateOf(inside, templateId);
    if (template.builtIn)
      throw refuse('conflict', 'built_in', 'This template came with the product. Make a new one from its text.');
    if (Object.values(change).every((value) => value === undefined))
      throw refuse('invalid', 'nothing_to_change', 'Name at least one field to change.');
    if (change.platform) platformOf(inside, change.platform);
    if (change.name) await assertNameFree(inside, change.name, templateId);
    const { parts, variables, ...plain } = change;
    const set = Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined));
    const version = await keepVersion(inside, template);
    await inside.tx
      .updateTable('templates')
      .set({ ...set, version })
      .where('id', '=', templateId)
      .execute();
    if (parts || variables) {
      const texts = parts ?? template.parts;
      const own = variables ?? template.variables;
      await inside.tx.deleteFrom('templateParts').where('templateId', '=', templateId).execute();
      await inside.tx.deleteFrom('templateVariables').where('templateId', '=', templateId).execute();
      await writeContent(inside, templateId, texts, variablesOf(texts, own));
    }
    await audit(inside, { operation: 'templates.update', subject: templateId, after: { ...set, version } });
  });
}

/** Takes a template out of use and ends its links; posts made from it keep naming it. */
export async function removeTemplate(context: Context, templateId: string): Promise<void> {
  await transaction(context, async (inside) => {
    const template = await templateOf(inside, templateId);
    await inside.tx
      .updateTable('templates')
      .set({ retiredAt: inside.clock.now() })
      .where('id', '=', templateId)
      .where('retiredAt', 'is', null)
      .execute();
    await endLinks(inside, templateId);
    await audit(inside, { operation: 'templates.remove', subject: templateId, before: { name: template.name } });
  });
}

/** Ends all links by which others read a template. */
export async function endLinks({ tx, workspaceId, clock }: Inside, templateId: string): Promise<void> {
  await tx
    .updateTable('sharedTemplates')
    .set({ revokedAt: clock.now() })
    .where('workspaceId', '=', workspaceId)
    .where('templateId', '=', templateId)
    .where('revokedAt', 'is', null)
    .execute();
}

export async function templateOf(inside: Inside, templateId: string) {
  const [template] = await readTemplates(inside, { templateId });
  if (!template) throw notFound('template');
  return template;
}

async function insertTemplate(
  inside: Inside,
  seed: Omit<TemplateSeed, 'platform'> & { platform: string },
  builtIn: boolean,
  importedFrom: string | null = null,
): Promise<string | null> {
  const now = inside.clock.now();
  const { name, kind, platform } = seed;
  const createdBy = builtIn ? null : userOf(inside);
  const values = { name, kind, platform, builtIn, importedFrom, createdBy, createdAt: now };
  const row = await inside.tx
    .insertInto('templates')
    .values({ workspaceId: inside.workspaceId, ...values })
    .onConflict((oc) => oc.columns(['workspaceId', 'name']).doNothing())
    .returning('id')
    .executeTakeFirst();
  // Somebody else seeded it at the same moment.
  if (!row) return null;
  await writeContent(inside, row.id, seed.parts, seed.variables);
  return row.id;
}

async function writeContent(
  { tx, workspaceId }: Inside,
  templateId: string,
  parts: readonly string[],
  variables: readonly TemplateVariable[],
): Promise<void> {
  await tx
    .insertInto('templateParts')
    .values(parts.map((text, position) => ({ workspaceId, templateId, position, text })))
    .execute();
  if (variables.length > 0)
    await tx
      .insertInto('templateVariables')
      .values(
        variables.map(({ name, type, factKind, choices, description }) => ({
          workspaceId,
          templateId,
          name,
          type,
          factKind: factKind ?? null,
          choices: choices ?? [],
          description,
        })),
      )
      .execute();
}

async function freeName({ tx }: Inside, name: string): Promise<string> {
  const taken = new Set((await tx.selectFrom('templates').select('name').execute()).map((one) => one.name));
  let free = name;
  for (let number = 2; taken.has(free); number++) free = `${name.slice(0, 112)} (${number})`;
  return free;
}

async function assertNameFree({ tx }: Inside, name: string, ownId: string | null): Promise<void> {
  const other = await tx
    .selectFrom('templates')
    .select(['id', 'retiredAt'])
    .where('name', '=', name)
    .executeTakeFirst();
  if (other && other.id !== ownId)
    throw refuse(
      'conflict',
      'template_exists',
      other.retiredAt
        ? `A removed template was called “${name}”. Choose another name.`
        : `There is a template called “${name}” already.`,
    );
}
