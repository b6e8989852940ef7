import { readFileSync } from 'node:fs';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { activityNames } from '#src/activities.ts';
import { flow } from '#src/flow.ts';
import { newSigningSecret } from '#src/outside/hooks.ts';
import { webhooksDocument } from './webhooks-document.ts';

const text = readFileSync(new URL('../../docs/webhooks.md', import.meta.url), 'utf8');

test('the reference names every activity, and is as the program would write it today', () => {
  expect(text).toBe(webhooksDocument());
  for (const name of activityNames) expect(text).toContain(`| \`${name}\` |`);
  for (const line of flow) if ('when' in line) expect(activityNames).toContain(line.when);
});

test('the lines that verify a note do so', async () => {
  const code = /```js\n([\s\S]+?)```/.exec(text)?.[1] ?? '';
  const { verify } = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
    verify(secret: string, headers: Record<string, string>, body: string): unknown;
  };
  const [old, secret] = [newSigningSecret(), newSigningSecret()];
  const at = new Date();
  const body = JSON.stringify({ type: 'post.approved' });
  const headers = {
    'webhook-id': 'one',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': [secret, old].map((one) => new Webhook(one).sign('one', at, body)).join(' '),
  };
  expect(verify(old, headers, body)).toEqual({ type: 'post.approved' });
  expect(verify(secret, headers, body)).toEqual({ type: 'post.approved' });
  expect(() => verify(newSigningSecret(), headers, body)).toThrow('Not from here');
  expect(() => verify(secret, headers, `${body} `)).toThrow('Not from here');
  expect(() => verify(secret, { ...headers, 'webhook-timestamp': '1' }, body)).toThrow('Too old');
});
