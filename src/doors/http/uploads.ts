import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as Pieces } from 'node:stream/web';
import { Hono, type Context as Request } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import type { Context, Role, World } from '#src/context.ts';
import { callerOf } from '#src/doors/http/caller.ts';
import { publicMedia } from '#src/doors/http/public-media.ts';
import type { Caller } from '#src/operation.ts';
import type { SignIn } from '#src/people/sign-in.ts';
import { workspacesOf } from '#src/people/workspaces.ts';
import { notFound, Refusal, type RefusalKind, refuse } from '#src/refusal.ts';
import { MOST_BYTES } from '#src/understand/assets/image.ts';
import { addAsset, assetFile, MOST_UPLOAD_BYTES, mediaUrl } from '#src/understand/assets.ts';

const fields = z.object({
  appId: z.uuid().optional(),
  kind: z.enum(['logo', 'screenshot', 'image']).optional(),
  altText: z.string().trim().max(1000).optional(),
});

/**
 * Files in and out, which the operations' JSON cannot carry: `POST /uploads` keeps a picture or a video,
 * `GET /media/<id>` shows one to the people of its workspace. A picture can come as a form (`file`, and `appId`, `kind`,
 * `altText` when wanted); anything can come as the bare body, with those in the address.
 */
export function uploads(world: World, signIn: SignIn): Hono {
  const routes = new Hono();
  routes.route('/', publicMedia(world));
  // A form is held in memory, so it may only be as large as a picture.
  const small = bodyLimit({
    maxSize: MOST_BYTES + 100_000,
    onError: (request) => answer(request, tooLarge(MOST_BYTES)),
  });

  routes.post('/uploads', async (request) => {
    try {
      // Nothing of the body is read for whoever may not send it.
      const context = enter(await callerOf(world, signIn, request), 'write');
      const tooMuch = isForm(request) ? await small(request, async () => {}) : undefined;
      if (tooMuch) return tooMuch;
      const { file, texts } = await readForm(request);
      const wanted = fields.strict().safeParse(Object.fromEntries(texts.filter(([, value]) => value !== '')));
      if (!wanted.success) {
        const issue = wanted.error.issues[0];
        throw refuse(
          'invalid',
          'invalid_input',
          `${issue?.path.join('.') || 'The form'}: ${issue?.message ?? 'does not fit.'}`,
        );
      }
      const { appId = null, kind = null, altText = null } = wanted.data;
      const asset = await setAside(world, file, (path) => addAsset(context, { path, appId, kind, altText }));
      return request.json({ ...asset, url: mediaUrl(context, asset.id) }, 201);
    } catch (error) {
      return answer(request, error);
    }
  });

  routes.get('/media/:id', async (request) => {
    try {
      const caller = await callerOf(world, signIn, request);
      const context = enter(await inWorkspace(caller, request.req.query('workspace')), 'read');
      const assetId = z.uuid().safeParse(request.req.param('id'));
      if (!assetId.success) throw notFound('file');
      const { file, mediaType, bytes, sha256 } = await assetFile(context, assetId.data);
      const tag = `"${sha256}"`;
      if (request.req.header('if-none-match') === tag) return request.body(null, 304);
      return request.body((await world.media.stream(file)) as ReadableStream, 200, {
        'content-type': mediaType,
        'content-length': String(bytes),
        etag: tag,
        'cache-control': 'private, max-age=0, must-revalidate',
        'content-disposition': 'inline',
        'x-content-type-options': 'nosniff',
        // A picture is shown, never run, whatever a browser takes it for.
        'content-security-policy': "default-src 'none'; sandbox",
      });
    } catch (error) {
      return answer(request, error);
    }
  });
  return routes;
}

/** A form is small and read at once; a bare body is read while it comes. */
async function readForm(request: Request): Promise<{ file: ReadableStream; texts: [string, string][] }> {
  if (!isForm(request)) {
    if (!request.req.raw.body) throw refuse('invalid', 'no_file', 'Send the picture or video as the body.');
    const { workspace: _, ...texts } = request.req.query();
    return { file: request.req.raw.body, texts: Object.entries(texts) };
  }
  const form = await request.req.formData().catch(() => null);
  const file = form?.get('file');
  if (!form || !(file instanceof File))
    throw refuse('invalid', 'no_file', 'Send the picture as the form field "file".');
  const texts = [...form].flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as [string, string]] : [],
  );
  return { file: file.stream(), texts };
}

function isForm(request: Request): boolean {
  return request.req.header('content-type')?.startsWith('multipart/') ?? false;
}

/** Writes what comes in to a file of its own while `use` looks at it. */
async function setAside<T>(world: World, body: ReadableStream, use: (path: string) => Promise<T>): Promise<T> {
  const folder = join(world.data, 'incoming');
  await mkdir(folder, { recursive: true });
  const path = join(folder, randomUUID());
  try {
    await pipeline(Readable.fromWeb(body as Pieces), upTo(MOST_UPLOAD_BYTES), createWriteStream(path, { mode: 0o600 }));
    return await use(path);
  } finally {
    await rm(path, { force: true });
  }
}

function upTo(most: number) {
  return async function* (pieces: AsyncIterable<Buffer>) {
    let bytes = 0;
    for await (const piece of pieces) {
      bytes += piece.length;
      if (bytes > most) throw tooLarge(most);
      yield piece;
    }
  };
}

function tooLarge(most: number) {
  return refuse('invalid', 'file_too_large', `Files may have up to ${most / 1_000_000} MB.`);
}

/** An `<img>` sends no header that names the workspace, so its address does; only a member gets in. */
async function inWorkspace(caller: Caller, wanted: string | undefined): Promise<Caller> {
  if (!wanted || caller.who?.kind !== 'user') return caller;
  const workspace = (await workspacesOf(caller.world, caller.who.id)).find((one) => one.id === wanted);
  if (!workspace) throw notFound('file');
  return { ...caller, workspaceId: workspace.id, who: { ...caller.who, role: workspace.role as Role } };
}

export function enter(caller: Caller, access: 'read' | 'write'): Context {
  const { world, who, workspaceId, address } = caller;
  if (!who || !workspaceId) throw refuse('unauthorised', 'sign_in', 'Sign in first.');
  if (who.kind === 'user' && who.role === 'viewer' && access === 'write')
    throw refuse('forbidden', 'role', 'This needs the role editor in this workspace; yours is viewer.');
  if (who.kind === 'key' && !who.scopes.includes(access))
    throw refuse('forbidden', 'scope', `This key may not do that: it needs the scope "${access}".`);
  return { ...world, who, workspaceId, address };
}

const STATUS = {
  invalid: 400,
  unauthorised: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_many: 429,
  unavailable: 503,
} as const satisfies Record<RefusalKind, number>;

export function answer(request: Request, error: unknown): Response {
  if (!(error instanceof Refusal)) throw error;
  return request.json({ code: error.reason, message: error.message }, STATUS[error.kind]);
}
