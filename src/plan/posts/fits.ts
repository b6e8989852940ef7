import type { Limits, Platform } from '#src/outside/platform.ts';
import type { Problem, Words } from './problems.ts';

/** What has to be known of a platform to say what fits; no more than the pages know. */
export type Fitting = Pick<Platform, 'id' | 'name' | 'measureText'> & { limits: Omit<Limits, 'rates'> };

/**
 * What a platform would refuse of these words, and what a reader would miss. The same for the composer, the approval and
 * the scheduler: `final` makes the text that goes out of a text (its tracked link), `longPosts` says whether they may be.
 */
export function misfits(
  platform: Fitting,
  words: Words,
  { final, longPosts }: { final(text: string): string; longPosts: boolean },
): Problem[] {
  const { limits, name } = platform;
  const problems: Problem[] = [];
  const say: Say = (kind, part, message, severity = 'stops') =>
    problems.push({ kind, severity, platform: platform.id, part, message, postId: null });
  if (words.parts.length > 1 && !limits.threads) say('no_threads', null, `${name} has no threads. Make it one part.`);
  if (words.firstReply && !limits.firstReply)
    say('no_first_reply', null, `${name} takes no reply of your own under the post. Remove the first reply.`);
  settings(platform, words, say);
  const most = (longPosts && limits.lengthWithLongPosts) || limits.length;
  const texts: Part[] = [...words.parts];
  if (words.firstReply) texts.push({ position: null, text: words.firstReply, media: [], poll: null });
  for (const part of texts) {
    const at = where(words, part.position);
    if (part.text.trim() === '' && (part.media.length === 0 || part.poll)) {
      say('empty', part.position, `${at} is empty.`);
      continue;
    }
    const text = final(part.text);
    const { length, valid } = platform.measureText(text);
    if (length > most) say('too_long', part.position, `${at} has ${length} characters, ${name} takes ${most}.`);
    else if (!valid && length <= limits.length && text.trim() !== '')
      say('not_publishable', part.position, `${at} holds a character ${name} rejects.`);
    media(platform, part, at, say);
    poll(platform, part, at, say);
  }
  return problems;
}

type Say = (kind: Problem['kind'], part: number | null, message: string, severity?: Problem['severity']) => void;
type Part = Omit<Words['parts'][number], 'position'> & { position: number | null };

function settings({ limits, name }: Fitting, words: Words, say: Say): void {
  const { replySettings, community } = words;
  if (replySettings && replySettings !== 'everyone' && !limits.replySettings.includes(replySettings))
    say('reply_settings', null, `${name} does not let you choose who may reply in this way. Let everyone reply.`);
  if (community && !limits.community) say('community', null, `${name} has no communities to post into. Remove it.`);
  if (!community && limits.community?.required)
    say('community', null, `${name} needs to know where to post. Name the ${limits.community.label.toLowerCase()}.`);
  if (!limits.title) return;
  const length = [...words.title].length;
  if (length > limits.title.length)
    say('title', null, `The title has ${length} characters, ${name} takes ${limits.title.length}.`);
  if (length === 0 && limits.title.required) say('title', null, `${name} needs a title.`);
}

/** Pictures of any size and format are fitted on their way out; videos and GIFs have to fit as they are. */
function media({ limits, name }: Fitting, part: Part, at: string, say: Say): void {
  if (part.media.length === 0) return;
  const takes = limits.media;
  const inIt = at.toLowerCase();
  if (!takes) {
    say('too_many_media', part.position, `${name} takes no pictures. Remove them from ${inIt}.`);
    return;
  }
  const sorts = { image: 0, gif: 0, video: 0 };
  for (const { kind, mediaType, bytes, milliseconds, altText } of part.media) {
    const sort = kind === 'video' || kind === 'gif' ? kind : 'image';
    sorts[sort] += 1;
    if (sort === 'video' && !takes.videoTypes.includes(mediaType))
      say('media_type', part.position, `${name} takes no ${typeWord(mediaType)} videos. Replace the one in ${inIt}.`);
    const most = { image: Number.POSITIVE_INFINITY, gif: takes.gifBytes, video: takes.videoBytes }[sort];
    const word = sort === 'gif' ? 'GIF' : 'video';
    if (bytes > most)
      say(
        'media_size',
        part.position,
        `A ${word} in ${inIt} has ${megabytes(bytes)}, ${name} takes ${megabytes(most)}.`,
      );
    const [least, longest] = takes.videoMilliseconds;
    if (sort === 'video' && milliseconds !== null && (milliseconds < least || milliseconds > longest))
      say(
        'media_length',
        part.position,
        `A video in ${inIt} runs ${seconds(milliseconds)}, ${name} takes ${seconds(least)} to ${seconds(longest)}.`,
      );
    const described = [...(altText ?? '')].length;
    if (limits.altTextLength !== null && described > limits.altTextLength)
      say(
        'alt_text_too_long',
        part.position,
        `A description in ${inIt} has ${described} characters, ${name} takes ${limits.altTextLength}.`,
      );
  }
  const kinds = Object.values(sorts).filter((count) => count > 0).length;
  if (sorts.image > takes.images || sorts.gif > takes.gifs || sorts.video > takes.videos || (kinds > 1 && !takes.mixed))
    say('too_many_media', part.position, `${at} may have ${allowed(takes)}.`);
  if (part.media.some((one) => !one.altText))
    say('no_alt_text', part.position, `${at} has a picture without a description for screen readers.`, 'warns');
}

function poll({ limits, name }: Fitting, part: Part, at: string, say: Say): void {
  if (!part.poll) return;
  const { options, minutes } = part.poll;
  if (!limits.poll) {
    say('poll', part.position, `${name} has no polls. Remove it from ${at.toLowerCase()}.`);
    return;
  }
  if (part.media.length > 0)
    say('poll', part.position, `${at} has a poll and a picture. ${name} takes one or the other.`);
  if (options.length > limits.poll.options)
    say('poll', part.position, `The poll has ${options.length} answers, ${name} takes ${limits.poll.options}.`);
  const longest = Math.max(...options.map((option) => [...option].length));
  if (longest > limits.poll.optionLength)
    say(
      'poll',
      part.position,
      `An answer of the poll has ${longest} characters, ${name} takes ${limits.poll.optionLength}.`,
    );
  const [least, most] = limits.poll.minutes;
  if (minutes < least || minutes > most)
    say('poll', part.position, `The poll runs ${span(minutes)}, ${name} takes ${span(least)} to ${span(most)}.`);
}

function allowed({
  images,
  gifs,
  videos,
  mixed,
}: {
  images: number;
  gifs: number;
  videos: number;
  mixed: boolean;
}): string {
  const counted = [
    images > 0 ? (images === 1 ? '1 picture' : `${images} pictures`) : '',
    gifs > 0 ? (gifs === 1 ? '1 GIF' : `${gifs} GIFs`) : '',
    videos > 0 ? (videos === 1 ? '1 video' : `${videos} videos`) : '',
  ].filter((words) => words !== '');
  return counted.join(mixed ? ' and ' : ' or ') || 'no pictures';
}

const typeWord = (mediaType: string) => (mediaType.split('/')[1] ?? mediaType).toUpperCase();
const megabytes = (bytes: number) => `${(bytes / 1e6).toLocaleString('en', { maximumFractionDigits: 1 })} MB`;
const seconds = (milliseconds: number) =>
  `${(milliseconds / 1000).toLocaleString('en', { maximumFractionDigits: 1 })} s`;
const span = (minutes: number) =>
  minutes < 120
    ? `${minutes} minutes`
    : minutes < 2880
      ? `${Math.round(minutes / 60)} hours`
      : `${Math.round(minutes / 1440)} days`;

/** How a part is named in a sentence. */
function where(words: Pick<Words, 'parts'>, part: number | null): string {
  if (part === null) return 'The first reply';
  return words.parts.length > 1 ? `Part ${part + 1}` : 'The text';
}
