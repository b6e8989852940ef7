import { z } from 'zod';
import { transaction } from '#src/context.ts';
import { id, operation } from '#src/operation.ts';
import { appOf } from '#src/understand/apps.ts';
import { checkVoice } from '#src/understand/voice.ts';
import { type Learnt, traitIds } from './measure.ts';
import { heldAgainst, voiceOf, voiceRules } from './samples.ts';
import { readable, wordsOf } from './text.ts';
import { inWords } from './words.ts';

/** More places than these are counted, not named. */
const MOST = 200;
/** Fewer words have no voice. */
const LEAST = 5;

const sources = ['post', 'page'] as const;
const trait = z.object({
  id: z.enum(traitIds),
  name: z.string(),
  /** What it says of their writing; null below the floor. */
  says: z.string().nullable(),
  missing: z.object({ what: z.string(), have: z.int(), need: z.int() }).nullable(),
  of: z.enum(['texts', 'sentences', 'words', 'places']),
  n: z.int(),
  count: z.int().nullable(),
  value: z.number().nullable(),
  mostly: z.number().nullable(),
  distribution: z.array(z.object({ label: z.string(), count: z.int() })),
  examples: z.array(
    z.object({ text: z.string(), from: z.string(), kind: z.enum(sources), sampleId: id, url: z.string().nullable() }),
  ),
});
const learnt = z.object({ texts: z.int(), sentences: z.int(), words: z.int(), traits: z.array(trait) });

const shown = (one: Learnt) => ({
  texts: one.texts,
  sentences: one.sentences,
  words: one.words,
  traits: one.traits.map((each) => ({ ...each, ...inWords(each, one) })),
});

export const voiceOperations = {
  show: operation({
    summary: 'Show how the people of an app write: each trait with its numbers and the lines it rests on.',
    route: 'GET /apps/{appId}/voice',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: z.object({
      posts: learnt,
      pages: learnt,
      /** What a text is held against; null while neither is enough. */
      from: z.enum(sources).nullable(),
    }),
    run: (context, { appId }) =>
      transaction(context, async (inside) => {
        await appOf(inside, appId);
        const { post, page, from } = await voiceOf(inside, appId);
        return { posts: shown(post), pages: shown(page), from: from?.kind ?? null };
      }),
  }),
  check: operation({
    summary: 'Check a text against the voice of an app: its rules, and how its people write.',
    route: 'POST /apps/{appId}/voice/check',
    access: 'read',
    input: z.strictObject({ appId: id, text: z.string().min(1).max(50_000) }),
    output: z.object({
      problems: z.array(
        z.object({
          text: z.string(),
          /** UTF-16 offsets in the text. */
          startsAt: z.int(),
          endsAt: z.int(),
          reason: z.string(),
          /** The rule that says so; null when their own numbers do. */
          factId: id.nullable(),
          trait: z.enum(traitIds).nullable(),
        }),
      ),
      /** How many places there are; at most two hundred are named, the first ones. */
      found: z.int(),
      /** False for a text of fewer than five words: that nothing speaks against it says nothing then. */
      enough: z.boolean(),
      /** How many rules it was held against, and how many traits; with none of both there is nothing to find. */
      rules: z.int(),
      traits: z.int(),
      from: z.enum(sources).nullable(),
    }),
    run: (context, { appId, text }) =>
      transaction(context, async (inside) => {
        await appOf(inside, appId);
        const from = await heldAgainst(inside, appId);
        const rules = await voiceRules(inside, appId);
        const { problems } = checkVoice(text, rules, from);
        return {
          problems: problems.slice(0, MOST),
          found: problems.length,
          enough: wordsOf(readable(text)).length >= LEAST,
          rules: rules.length,
          traits: from?.traits.filter(({ enough }) => enough).length ?? 0,
          from: from?.kind ?? null,
        };
      }),
  }),
};
