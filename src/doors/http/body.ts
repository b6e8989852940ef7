import type { Context as Asked, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';

/** No name, code or id of ours holds a NUL, which the database would not even compare; no door has to think of it. */
export const readableAddress: MiddlewareHandler = async (request, next) => {
  if (!request.req.raw.url.includes('%00')) return next();
  return request.json(
    { code: 'BAD_REQUEST', message: 'This address holds a character that no address of ours has.' },
    400,
  );
};

/** Refuses larger bodies, without reading on. */
export function atMost(megabytes: number): MiddlewareHandler {
  const message = `A request may have up to ${megabytes} MB. Send less at once.`;
  return bodyLimit({
    maxSize: megabytes * 1_000_000,
    onError: (request) => request.json({ code: 'PAYLOAD_TOO_LARGE', message }, 413),
  });
}

/** The input of an operation is JSON in UTF-8, or nothing; whatever else came is said in words. */
export const jsonInput: MiddlewareHandler = async (request, next) => {
  const { url, method, headers } = request.req.raw;
  if (method === 'GET' || method === 'HEAD') return next();
  const bytes = await request.req.raw.arrayBuffer();
  if (bytes.byteLength === 0) {
    request.req.raw = new Request(url, { method, headers });
    return next();
  }
  if (!/^application\/json\s*(;|$)/i.test(headers.get('content-type') ?? ''))
    return refused(request, 415, 'Send the input as JSON, with the header "Content-Type: application/json".');
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    return error instanceof SyntaxError
      ? refused(request, 400, 'The body is not complete, valid JSON. Check its brackets, quotes and commas.')
      : refused(request, 400, 'The body is not UTF-8. Send it in that encoding.');
  }
  request.req.raw = new Request(url, { method, headers, body: bytes });
  return next();
};

const CODE = { 400: 'BAD_REQUEST', 415: 'UNSUPPORTED_MEDIA_TYPE' } as const;

function refused(request: Asked, status: keyof typeof CODE, message: string): Response {
  return request.json({ code: CODE[status], message }, status);
}
