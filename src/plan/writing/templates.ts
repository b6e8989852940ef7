/**
 * The templates every workspace starts with: ten kinds, for X, with words of their own where X's would be out of place
 * (`wordings.ts`). They say only what facts say, in whole sentences, without hype, hashtags, exclamation marks or long
 * dashes.
 */
import type { FactKind } from '#src/understand/findings.ts';
import { wordingsOf } from './wordings.ts';

export const templateKinds = [
  'launch_announcement',
  'feature_update',
  'testimonial',
  'behind_the_scenes',
  'educational',
  'promotional',
  'community',
  'milestone',
  'problem_solution',
  'comparison',
] as const;
export type TemplateKind = (typeof templateKinds)[number];

export type TemplateVariable = {
  name: string;
  /** Dates, numbers, choices and links other than the app's own are given by whoever writes the post. */
  type: 'text' | 'number' | 'url' | 'date' | 'choice' | 'fact';
  factKind?: FactKind;
  /** What a choice is between. */
  choices?: string[];
  description: string;
};

export type TemplateSeed = {
  kind: TemplateKind;
  name: string;
  /** Whose words the parts are; platforms without a wording take them, too. */
  platform: string;
  parts: string[];
  /** What stands in the parts and in the wordings. */
  variables: TemplateVariable[];
  wordings: TemplateWording[];
};

/** The words for one platform; the title is empty where it has none or the post's own will do. */
export type TemplateWording = { platform: string; title: string; parts: string[] };

/**
 * The variables a template may name. `_2` and `_3` take another fact of the same kind. Endings choose a form: `_short` a phrase without
 * full stop, `_name` the same when it names a thing and gives no order, `_text` the explanation without its title, `_words` what a customer said, `_author` who said it.
 */
const known: Record<string, Omit<TemplateVariable, 'name'>> = {
  app: { type: 'text', description: 'Name of the app' },
  tagline: { type: 'text', description: 'Tagline of the app' },
  link: { type: 'url', description: 'Tracked link to the app' },
  value_proposition: {
    type: 'fact',
    factKind: 'value_proposition',
    description: 'What the app does and for whom, as a sentence',
  },
  pain: { type: 'fact', factKind: 'pain_point', description: 'What people put up with today, as a sentence' },
  story: { type: 'fact', factKind: 'pain_point', description: 'Why the makers started, as a sentence' },
  feature: { type: 'fact', factKind: 'feature', description: 'A feature, as a sentence' },
  benefit: { type: 'fact', factKind: 'benefit', description: 'What people get out of it, as a sentence' },
  selling_point: {
    type: 'fact',
    factKind: 'selling_point',
    description: 'A choice that speaks for the app, as a sentence',
  },
  milestone: { type: 'fact', factKind: 'selling_point', description: 'A number of people who use it, as a sentence' },
  advantage: {
    type: 'fact',
    factKind: 'competitive_advantage',
    description: 'How it differs from others, as a sentence',
  },
  price: { type: 'fact', factKind: 'pricing', description: 'What it costs, as a sentence' },
  audience: { type: 'fact', factKind: 'target_audience', description: 'Who it is for' },
  testimonial: { type: 'fact', factKind: 'testimonial', description: 'What a customer said' },
};

export const builtInTemplates: TemplateSeed[] = [
  single(
    'launch_announcement',
    'Plain launch',
    '{{app}} is live.\n\n{{value_proposition}}\n\nThe part I would try first: {{feature_short}}.\n\n{{link}}',
  ),
  thread('launch_announcement', 'Launch thread', [
    '{{pain}}\n\nI built {{app}} to do something about it.',
    '{{value_proposition}}\n\nWhat is in it today:\n\n- {{feature_name}}\n- {{feature_2_name}}\n- {{feature_3_name}}',
    '{{price}}\n\nIf you try it, tell me what is missing. I read every reply.\n\n{{link}}',
  ]),
  single(
    'feature_update',
    'One feature, explained',
    '{{feature_short}}.\n\n{{feature_text}}\n\nIt is in {{app}} today: {{link}}',
  ),
  single(
    'feature_update',
    'A feature worth a look',
    'A part of {{app}} that is easy to overlook:\n\n{{feature}}\n\n{{link}}',
  ),
  thread('feature_update', 'Three features', [
    'Three parts of {{app}} I would show you over a coffee.',
    '1. {{feature}}',
    '2. {{feature_2}}',
    '3. {{feature_3}}\n\n{{link}}',
  ]),
  single(
    'testimonial',
    'In their words',
    '“{{testimonial_words}}”\n\n{{testimonial_author}}, about {{app}}.\n\n{{link}}',
  ),
  single(
    'testimonial',
    'Quote and price',
    '{{testimonial_author}} on {{app}}:\n\n“{{testimonial_words}}”\n\n{{price}} {{link}}',
  ),
  single(
    'behind_the_scenes',
    'Why it exists',
    'Why I work on {{app}}:\n\n{{pain}}\n\nI look at every new idea and ask whether it helps with that. {{link}}',
  ),
  single(
    'behind_the_scenes',
    'How it started',
    '{{story}}\n\nThat is still the test for every change to {{app}}: does it help with exactly this?\n\n{{link}}',
  ),
  single(
    'behind_the_scenes',
    'A decision',
    'A decision about {{app}} I would make again:\n\n{{selling_point}}\n\nWould you have decided the same?\n\n{{link}}',
  ),
  single(
    'educational',
    'What to look for',
    'Comparing tools like {{app}}? Ask each of them about one thing: {{feature_name}}.\n\nOur answer: {{feature_text}}\n\n{{link}}',
  ),
  thread('educational', 'Problem and three answers', [
    '{{pain}}\n\nThree things that help:',
    '1. {{feature}}',
    '2. {{feature_2}}',
    '3. {{feature_3}}\n\nAll three are in {{app}}: {{link}}',
  ]),
  single('promotional', 'Price first', '{{price}}\n\n{{value_proposition}}\n\n{{selling_point}}\n\n{{link}}'),
  single(
    'promotional',
    'What you get',
    'What you get with {{app}}:\n\n- {{feature_name}}\n- {{feature_2_name}}\n- {{feature_3_name}}\n\n{{price}}\n\n{{link}}',
  ),
  single(
    'community',
    'Ask how they do it',
    'A question for {{audience_short}}.\n\n{{pain}}\n\nHow do you deal with that today? My answer is here, but I would rather hear yours: {{link}}',
  ),
  single(
    'community',
    'Ask what is missing',
    'If you could change one thing about this, what would it be?\n\n{{feature}}\n\nI am deciding what to work on next in {{app}}. {{link}}',
  ),
  single(
    'milestone',
    'A number and thanks',
    '{{milestone}}\n\nThank you. What it is for has not changed: {{value_proposition_inline}}\n\n{{link}}',
  ),
  single(
    'milestone',
    'A number and a question',
    '{{milestone}}\n\nIf you are one of them: what should I fix first in {{app}}?\n\n{{link}}',
  ),
  single(
    'problem_solution',
    'Problem and answer',
    '{{pain}}\n\nWhat {{app}} does about it:\n\n{{feature_text}}\n\n{{link}}',
  ),
  single(
    'problem_solution',
    'Problem and promise',
    '{{pain}}\n\nThat is why there is {{app}}.\n\n{{value_proposition}}\n\n{{link}}',
  ),
  thread('problem_solution', 'Problem and answer, longer', [
    '{{pain}}\n\nHere is what I do about it.',
    '{{feature}}',
    '{{value_proposition}}\n\n{{link}}',
  ]),
  single('comparison', 'How it differs', '{{advantage}}\n\nIf that matters to you, have a look at {{app}}: {{link}}'),
  single('comparison', 'Before and after', 'Before: {{pain_inline}}\n\nWith {{app}}: {{benefit_inline}}\n\n{{link}}'),
];

function single(kind: TemplateKind, name: string, text: string): TemplateSeed {
  return thread(kind, name, [text]);
}

function thread(kind: TemplateKind, name: string, parts: string[]): TemplateSeed {
  const wordings = wordingsOf(name).map(({ platform, title, text }) => ({ platform, title, parts: [text] }));
  const names = namesIn(textsOf({ parts, wordings }));
  const variables = names.map((variable) => {
    const description = known[baseOf(variable)];
    if (!description) throw new Error(`The template “${name}” names a variable nobody knows: ${variable}.`);
    return { name: variable, ...description };
  });
  return { kind, name, platform: 'x', parts, variables, wordings };
}

/** Every text of a template in which variables may stand. */
export function textsOf({ parts, wordings }: Pick<TemplateSeed, 'parts' | 'wordings'>): string[] {
  return [...parts, ...wordings.flatMap((one) => [one.title, ...one.parts])];
}

/** The names in `{{…}}`, each once, in their order. */
export function namesIn(texts: readonly string[]): string[] {
  return [...new Set(texts.flatMap((text) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] ?? '')))];
}

/** `feature_2_short` is about `feature`. */
export function baseOf(variable: string): string {
  return variable.replace(/_(short|name|text|words|author|inline)$/, '').replace(/_\d$/, '');
}
