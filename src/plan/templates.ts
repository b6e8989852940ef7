import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { factKinds } from '#src/understand/findings.ts';
import { platformOf } from './posts/words.ts';
import { writeContents } from './templates/content.ts';
import { type GivenVariable, namesIn, variablesOf } from './templates/variables.ts';
import { keepVersion } from './templates/versions.ts';
import {
  builtInTemplates,
  type TemplateKind,
  type TemplateSeed,
  type TemplateVariable,
  type TemplateWording,
} from './writing/index.ts';
import { textsOf } from './writing/templates.ts';

/** A template as the writing takes it, with its id. */
export type Template = TemplateSeed & { id: string; builtIn: boolean; version: number };

/**
 * Puts the built-in templates there, once per workspace; one that was removed stays removed. Those that came before the
 * product had words for the platforms get them.
 */
export async function seedTemplates(inside: Inside): Promise<void> {
  const { tx } = inside;
  const known = await tx
    .selectFrom('templates')
    .select(['id', 'name'])
    .select((eb) =>
      eb
        .exists(
          eb
            .selectFrom('templateWordings')
            .select('platform')
            .whereRef('templateWordings.templateId', '=', 'templates.id'),
        )
        .as('worded'),
    )
    .select('builtIn')
    .execute();
  const names = new Set(known.map((template) => template.name));
  const unworded = new Map(known.flatMap((one) => (one.builtIn && !one.worded ? [[one.name, one.id] as const] : [])));
  const created = await insertTemplates(
    inside,
    builtInTemplates.filter((seed) => !names.has(seed.name)),
    true,
  );
  const due = new Map([...unworded, ...created]);
  await writeContents(
    inside,
    builtInTemplates.flatMap((seed) => {
      const id = due.get(seed.name);
      return id && (seed.wordings.length > 0 || created.has(seed.name)) ? [{ id, ...seed }] : [];
    }),
  );
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
  const wordings = await tx
    .selectFrom('templateWordings')
    .select(['templateId', 'platform', 'title', 'parts'])
    .where('templateId', 'in', ids)
    .orderBy('platform')
    .execute();
  return templates.map((template) => {
    const isOwn = (row: { templateId: string }) => row.templateId === template.id;
    const said = {
      parts: parts.filter(isOwn).map((part) => part.text),
      wordings: wordings.filter(isOwn).map(({ templateId: _, ...wording }) => wording),
    };
    return { ...template, ...said, variables: inOrder(textsOf(said), variables.filter(isOwn)) };
  });
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
  /** The words for other platforms, where these would be out of place. */
  wordings?: readonly TemplateWording[] | undefined;
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
  const parts = [...wanted.parts];
  const wordings = wordingsFor(inside, wanted.platform, wanted.wordings ?? []);
  const variables = variablesOf(textsOf({ parts, wordings }), wanted.variables ?? []);
  const { name, kind, platform } = wanted;
  const id = (await insertTemplates(inside, [{ name, kind, platform }], false, importedFrom)).get(name);
  if (!id) throw refuse('conflict', 'template_exists', `There is a template called “${name}” already.`);
  await writeContents(inside, [{ id, parts, variables, wordings }]);
  return id;
}

/** Refuses platforms there are not, and one that is worded twice. */
function wordingsFor(inside: Inside, platform: string, wordings: readonly TemplateWording[]): TemplateWording[] {
  const all = [platform, ...wordings.map((one) => one.platform)];
  for (const one of all) platformOf(inside, one);
  const twice = all.find((one, at) => all.indexOf(one) < at);
  if (twice !== undefined)
    throw refuse('invalid', 'platform_twice', `There are two wordings for ${twice}. Keep one of them.`);
  return [...wordings];
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
    const worded = change.wordings ?? template.wordings;
    const wordings = wordingsFor(inside, change.platform ?? template.platform, worded);
    if (change.name) await assertNameFree(inside, change.name, templateId);
    const { parts, variables, wordings: _, ...plain } = change;
    const set = Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined));
    const version = await keepVersion(inside, template);
    await inside.tx
      .updateTable('templates')
      .set({ ...set, version })
      .where('id', '=', templateId)
      .execute();
    if (parts || variables || change.wordings) {
      const said = { parts: [...(parts ?? template.parts)], wordings };
      const own = variablesOf(textsOf(said), variables ?? template.variables);
      for (const table of ['templateParts', 'templateVariables', 'templateWordings'] as const)
        await inside.tx.deleteFrom(table).where('templateId', '=', templateId).execute();
      await writeContents(inside, [{ id: templateId, ...said, variables: own }]);
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

/** The ids of those that were put there, by name; a name that is taken is left out. */
async function insertTemplates(
  inside: Inside,
  wanted: readonly { name: string; kind: TemplateKind; platform: string }[],
  builtIn: boolean,
  importedFrom: string | null = null,
): Promise<Map<string, string>> {
  if (wanted.length === 0) return new Map();
  const { workspaceId } = inside;
  const common = { workspaceId, builtIn, importedFrom, createdBy: builtIn ? null : userOf(inside) };
  const createdAt = inside.clock.now();
  const rows = await inside.tx
    .insertInto('templates')
    .values(wanted.map(({ name, kind, platform }) => ({ ...common, name, kind, platform, createdAt })))
    // Somebody else seeded them at the same moment.
    .onConflict((oc) => oc.columns(['workspaceId', 'name']).doNothing())
    .returning(['id', 'name'])
    .execute();
  return new Map(rows.map(({ id, name }) => [name, id]));
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
