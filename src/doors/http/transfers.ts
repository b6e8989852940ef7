import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { Hono } from 'hono';
import { z } from 'zod';
import type { World } from '#src/context.ts';
import { callerOf } from '#src/doors/http/caller.ts';
import { answer, enter } from '#src/doors/http/uploads.ts';
import { exportBehind, keepUpload } from '#src/measure/transfers.ts';
import type { SignIn } from '#src/people/sign-in.ts';
import { refuse } from '#src/refusal.ts';

const asked = z.object({ workspaceId: z.uuid(), transferId: z.uuid(), token: z.string().min(20).max(200) });

/**
 * Large files in and out: `POST /transfers/files?name=archive.zip` takes an import as the bare body, piece by piece, and
 * answers with the id that `transfers.preview` and `transfers.start` want; `GET /transfers/<workspace>/<id>/<token>`
 * hands out an export to whoever has its link, while it is good.
 */
export function transferDoor(world: World, signIn: SignIn): Hono {
  const routes = new Hono();
  routes.post('/transfers/files', async (request) => {
    try {
      const context = enter(await callerOf(world, signIn, request), 'write');
      const body = request.req.raw.body;
      if (!body) throw refuse('invalid', 'no_file', 'Send the file as the body.');
      if (request.req.header('content-type')?.startsWith('multipart/'))
        throw refuse('invalid', 'form', 'Send the file itself as the body, not a form.');
      const name = (request.req.query('name') ?? '').replaceAll(/\p{Cc}/gu, '').slice(0, 200) || 'file';
      return request.json(await keepUpload(context, name, Readable.fromWeb(body as never)), 201);
    } catch (error) {
      return answer(request, error);
    }
  });
  routes.get('/transfers/:workspaceId/:transferId/:token', async (request) => {
    const wanted = asked.safeParse(request.req.param());
    const found = wanted.success ? await exportBehind(world, wanted.data) : null;
    if (!found)
      return request.text('This link is not good any more. Make a new one under Settings, Import and export.', 404);
    return request.body(Readable.toWeb(createReadStream(found.path)) as ReadableStream, 200, {
      'content-type': 'application/zip',
      'content-length': String(found.bytes),
      'content-disposition': `attachment; filename="${found.name}"`,
      'cache-control': 'private, no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
  });
  return routes;
}
