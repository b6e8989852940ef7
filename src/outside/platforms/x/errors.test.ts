import { expect, it } from 'vitest';
import { failureOf, unreadable } from './errors.ts';

const NOW = new Date('2026-11-22T09:00:00Z');

function answer(status: number, body: unknown, headers: Record<string, string> = {}) {
  return { status, headers: new Headers(headers), text: JSON.stringify(body), json: () => body };
}

const problem = (detail: string, type = 'about:blank', title = 'Forbidden') => ({ detail, type, title });

it.each([
  ['You are not allowed to create a Tweet with duplicate content.', 'unknown', 'duplicate'],
  ['You can only reply to or quote posts where you are mentioned or are the author.', 'refused', 'reply_not_allowed'],
  [
    'You have reached your daily limit for sending Tweets and messages. Please try again later.',
    'later',
    'daily_limit',
  ],
  ['User is over daily status update limit.', 'later', 'daily_limit'],
  ['This request looks like it might be automated. To protect our users from spam …', 'later', 'looks_automated'],
  [
    'To protect our users from spam and other malicious activity, this account is temporarily locked.',
    'reconnect',
    'locked',
  ],
  ['Your account is suspended and is not permitted to access this feature.', 'reconnect', 'suspended'],
  [
    'Your client app is not configured with the appropriate oauth1 app permissions for this endpoint.',
    'refused',
    'app_read_only',
  ],
  ['… a Twitter developer App that is attached to a Project.', 'refused', 'app_not_enrolled'],
  ['You are not a member of this Community.', 'refused', 'community_not_allowed'],
  ['You are not permitted to perform this action.', 'refused', 'forbidden'],
])('understands a 403: %s', (detail, kind, code) => {
  expect(failureOf('create', answer(403, problem(detail)), NOW)).toMatchObject({ kind, code });
});

it.each([
  [402, problem('Your enrolled account does not have any credits to fulfill this request.', 'about:blank', '')],
  [403, problem('…', 'https://api.x.com/2/problems/credits', 'SpendCapReached')],
  [429, problem('…', 'https://api.x.com/2/problems/usage-capped', 'UsageCapExceeded')],
])('takes an empty purse for what it is, as a %i', (status, body) => {
  const reset = { 'x-rate-limit-remaining': '90', 'x-rate-limit-reset': '1' };
  expect(failureOf('create', answer(status, body, reset), NOW)).toMatchObject({
    kind: 'later',
    code: 'usage_capped',
    until: new Date('2026-11-23T09:00:00Z'),
  });
});

it('knows media that X does not know, and words that are an error beside nothing', () => {
  const media = { title: 'Invalid Request', errors: [{ message: 'Your media IDs are invalid.' }] };
  expect(failureOf('create', answer(400, media), NOW)).toMatchObject({ kind: 'refused', code: 'media_gone' });
  const empty = answer(200, { errors: [{ detail: 'Could not find user.' }] });
  expect(unreadable('repeatable', empty)).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('find user'),
  });
  expect(unreadable('create', empty)).toMatchObject({ kind: 'unknown', code: 'unreadable' });
});

it.each([500, 502, 503, 504, 408])('does not know what became of a creating call after a %i', (status) => {
  expect(failureOf('create', answer(status, undefined), NOW).kind).toBe('unknown');
  expect(failureOf('repeatable', answer(status, undefined), NOW).kind).toBe('later');
});
