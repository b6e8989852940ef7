/** Calling the Bot API: every answer is `{ ok, result }` or `{ ok: false, error_code, description, parameters }`. */
import { z } from 'zod';
import { type ApiAnswer, isNoAnswer, type NoAnswer, saidBy } from '#src/outside/http.ts';
import type { Failure, Grant } from '#src/outside/platform.ts';
import type { Web } from '#src/outside/web.ts';

export const TELEGRAM_API = 'https://api.telegram.org';

export type Call = 'create' | 'read';

export type Said<T> = { ok: true; value: T; said: string } | { ok: false; failure: Failure; said: string };

/** One call. The token stands in the address, so nothing of the address may be shown. */
export async function callTelegram<T>(
  web: Web,
  grant: Pick<Grant, 'token' | 'apiUrl'>,
  method: string,
  call: Call,
  input: Record<string, unknown> | { body: Uint8Array; contentType: string },
  schema: z.ZodType<T>,
): Promise<Said<T>> {
  const encoded = input.body instanceof Uint8Array && typeof input.contentType === 'string';
  const answer = await web.call({
    method: 'POST',
    url: `${grant.apiUrl}/bot${grant.token}/${method}`,
    headers: { 'content-type': encoded ? (input.contentType as string) : 'application/json' },
    body: encoded ? (input.body as Uint8Array) : JSON.stringify(input),
    timeoutMs: encoded ? 120_000 : 30_000,
  });
  const said = saidBy(answer, [grant.token]);
  const parsed = isNoAnswer(answer) || answer.status !== 200 ? null : fine.safeParse(answer.json());
  if (!parsed) return { ok: false, failure: failureOf(call, answer), said };
  const result = parsed.success ? schema.safeParse(parsed.data.result) : parsed;
  if (result.success) return { ok: true, value: result.data as T, said };
  const reason = `Telegram answered to ${method} in a form that is not known.`;
  return {
    ok: false,
    said,
    failure: { kind: call === 'create' ? 'unknown' : 'refused', code: 'unreadable', reason },
  };
}

const fine = z.object({ ok: z.literal(true), result: z.unknown() });
const problem = z.object({
  description: z.string().optional(),
  parameters: z
    .object({ retry_after: z.number().nonnegative().optional(), migrate_to_chat_id: z.number().optional() })
    .optional(),
});

function failureOf(call: Call, answer: ApiAnswer | NoAnswer, now = new Date()): Failure {
  const later = (seconds: number, code: string, reason: string): Failure => ({
    kind: 'later',
    until: new Date(now.getTime() + Math.max(seconds, 1) * 1_000),
    code,
    reason,
  });
  if (isNoAnswer(answer)) {
    if (answer.neverSent || call === 'read') return later(60, 'unreachable', answer.reason);
    return { kind: 'unknown', code: 'no_answer', reason: answer.reason };
  }
  const { status } = answer;
  const parsed = problem.safeParse(answer.json());
  const { description = `HTTP ${status}`, parameters } = parsed.success ? parsed.data : {};
  const words = description.replace(/^(Bad Request|Forbidden|Unauthorized): /, '').replace(/[.!?]*$/, '.');
  if (status === 429)
    return later(
      parameters?.retry_after ?? 60,
      'rate_limited',
      'Telegram limits how often the bot may post, and the limit is reached.',
    );
  if (status === 401 || status === 404)
    return {
      kind: 'reconnect',
      code: 'bad_token',
      reason: 'Telegram does not know this bot token. Copy it from @BotFather again.',
    };
  if (status === 403)
    return {
      kind: 'reconnect',
      code: 'not_allowed',
      reason: `The bot may not post there any more: ${words} Add it again as an administrator.`,
    };
  if (parameters?.migrate_to_chat_id !== undefined)
    return {
      kind: 'reconnect',
      code: 'moved',
      reason: `This Telegram group became a larger one and has a new id, ${parameters.migrate_to_chat_id}. Connect it again with that.`,
    };
  if (status >= 400 && status < 500 && status !== 408)
    return { kind: 'refused', code: `http_${status}`, reason: `Telegram refused this: ${words}` };
  if (call === 'create')
    return {
      kind: 'unknown',
      reason: `Telegram answered with HTTP ${status}, which does not say whether it was published.`,
    };
  return later(60, 'unavailable', `Telegram is not available at the moment (HTTP ${status}).`);
}
