import { noteAnswer, readInbox } from '#src/distribute/inbox.ts';
import { publishDue } from '#src/distribute/publications.ts';
import type { Story } from './story.ts';

/** Days before the end on which she goes through the inbox. */
const SITS_DOWN = new Set([300, 200, 100, 47, 30, 20, 12, 9, 6]);
const DAY = 86_400_000;

/** What she says to what she is asked. */
const ANSWERS: readonly (readonly [asked: string, answer: string])[] = [
  ['How long did it take', 'About three weekends, and one argument with myself. The guide has the short version.'],
  ['Is there a free plan', 'There is: the first project is free, with everything in it.'],
  ['Does it work with a team', 'Both. Everyone who merges can write, and nobody pays to read.'],
  ['What happens when the server', 'Fair question. The widget shows the last notes it has, and says so.'],
  ['Would you write up', 'Writing it now. It goes out with the next letter.'],
];

/** Reads what people wrote, now and then and lately every other day; some days she answers. */
export async function answer(story: Story, ago: number): Promise<void> {
  const { call } = story;
  if (ago % (ago > 12 ? 20 : 2) !== 0 && !SITS_DOWN.has(ago)) return;
  await readInbox(story.context);
  if (!SITS_DOWN.has(ago)) return;
  const now = story.context.clock.now().getTime();
  const { items } = await call.inbox.list({ state: 'unanswered', limit: 100 });
  const said = new Set<string>();
  const given: { publicationId: string }[] = [];
  for (const item of items) {
    const known = ANSWERS.find(([asked]) => item.text.includes(asked));
    const fresh = now - item.receivedAt.getTime() < 8 * DAY;
    if (known && fresh && ago < 50 && !said.has(known[1]) && said.size < 2) {
      said.add(known[1]);
      given.push(await call.inbox.answer({ itemId: item.id, text: known[1] }));
    } else if (!fresh) await call.inbox.markAnswered({ itemId: item.id });
  }
  await call.inbox.markAllRead({});
  if (given.length > 0) await publishDue(story.world);
  for (const { publicationId } of given) await noteAnswer(story.context, publicationId);
}
