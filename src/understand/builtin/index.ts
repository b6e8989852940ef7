/**
 * The built-in analysis: what rules can find on an app's pages, without a model, a key or a network. Pure. English is
 * understood; pages in other languages give their profile, prices, features by their form, and little more.
 */
import type { Findings } from '#src/understand/findings.ts';
import type { ReadPage } from '#src/understand/reading.ts';
import { blocksOf, sentencesOf } from './blocks.ts';
import type { Finding } from './gather.ts';
import { gather } from './gather.ts';
import { findKeywords } from './keywords.ts';
import { findMessages } from './message.ts';
import { findOffer } from './offer.ts';
import { audienceFacts, findAudiences } from './people.ts';
import { findProfile } from './profile.ts';
import { findCompetitors } from './rivals.ts';
import { findTone } from './tone.ts';

/**
 * Reads pages of one site, the home page first. Every fact's quote stands literally on its page; page text is only ever quoted,
 * never obeyed. Throws when there is no page at all.
 */
export function analyseBuiltIn(pages: readonly ReadPage[]): Findings {
  const profile = findProfile(pages);
  const blocks = blocksOf(pages);
  const said = sentencesOf(blocks);
  const most = {
    feature: 14,
    selling_point: 6,
    pain_point: 6,
    benefit: 6,
    pricing: 12,
    testimonial: 12,
    value_proposition: 3,
    emotional_trigger: 4,
    call_to_action: 3,
    key_message: 3,
    target_audience: 5,
    content_theme: 5,
  };
  const facts = gather(
    [...findMessages(blocks, said, profile), ...findOffer(blocks, pages, profile), ...findTone(said, profile)],
    most,
    profile.name.value,
  );
  const audiences = findAudiences(said, facts);
  const keywords = findKeywords(blocks, pages, profile);
  const themes = keywords.flatMap((keyword): Finding[] => {
    const mentions = keyword.occurrences.reduce((sum, { count }) => sum + count, 0);
    const from = said.find(({ text }) => text.toLowerCase().includes(keyword.phrase) && text.split(' ').length > 4);
    if (keyword.intent === 'navigational' || mentions < (keyword.phrase.includes(' ') ? 3 : 5) || !from) return [];
    const statement = `The pages keep coming back to ${keyword.phrase}: ${mentions} mentions`;
    return [
      {
        kind: 'content_theme',
        statement,
        quote: from.text,
        page: from.block.page,
        confidence: Math.min(0.75, 0.4 + mentions * 0.04),
      },
    ];
  });
  return {
    profile,
    facts: [...facts, ...gather([...audienceFacts(audiences, pages), ...themes], most, profile.name.value)],
    keywords,
    audiences,
    competitors: findCompetitors(said, blocks, pages, profile),
  };
}
