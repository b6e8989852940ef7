import type { Planned } from './plan.ts';
import type { Story } from './story.ts';

/** Posts she looks back at have been out for longer than the seven days that count. */
const SETTLED_DAYS = 8;
/** Fewer on a side say nothing; a short story has too few. */
const ENOUGH = 5;

/** One experiment that has ended, of posts that were out already, and one that runs with those that come next. */
export async function experiment(story: Story, { appId }: Planned): Promise<void> {
  const { call } = story;
  const { posts: published } = await call.posts.list({ appId, status: 'published', limit: 100 });
  const settled = published.filter(
    ({ publishedAt }) => publishedAt !== null && publishedAt < story.momentOf(SETTLED_DAYS + 14, '00:00'),
  );
  const [withNumber, without] = [true, false].map((wanted) =>
    settled.filter(({ firstLine }) => /\d/.test(firstLine) === wanted).map(({ id }) => id),
  );
  if (!withNumber || !without || Math.min(withNumber.length, without.length) < ENOUGH) return;
  story.at(story.momentOf(14, '09:10'));
  const looking = await call.experiments.create({
    appId,
    name: 'A number in the first line',
    kind: 'hook',
    metric: 'visits',
    arms: [
      { arm: 'Words only', postIds: without },
      { arm: 'With a number', postIds: withNumber },
    ],
  });
  story.at(story.momentOf(13, '18:40'));
  await call.experiments.end({ experimentId: looking.id });
  story.at(story.now);
  const { posts: coming } = await call.posts.list({ appId, status: 'scheduled', limit: 100 });
  await call.experiments.create({
    appId,
    name: 'What it does, or what it cost me',
    kind: 'hook',
    metric: 'visits',
    postsPerArm: 12,
    arms: [{ arm: 'What it does' }, { arm: 'What it cost me' }],
    // An evergreen that is due again has been out before.
    postIds: coming.filter(({ publishedAt }) => publishedAt === null).map(({ id }) => id),
  });
}
