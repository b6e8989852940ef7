import { OpenAPIGenerator } from '@orpc/openapi';
import { OpenAPIHandler } from '@orpc/openapi/fetch';
import { ORPCError, onError, ValidationError } from '@orpc/server';
import { RPCHandler } from '@orpc/server/fetch';
import { experimental_ZodSmartCoercionPlugin as SmartCoercion, ZodToJsonSchemaConverter } from '@orpc/zod/zod4';
import { Hono } from 'hono';
import packageJson from '#package' with { type: 'json' };
import { catalog } from '#src/catalog.ts';
import type { World } from '#src/context.ts';
import { withExamples } from '#src/doors/examples.ts';
import { atMost, jsonInput } from '#src/doors/http/body.ts';
import { callerOf } from '#src/doors/http/caller.ts';
import { faultOf } from '#src/doors/http/faults.ts';
import type { SignIn } from '#src/people/sign-in.ts';

/** Megabytes: a thousand events, each as large as one may be, fit in. */
const LARGEST = 8;

/** The HTTP API under /api/v1 with its OpenAPI document, and the web page's typed client under /rpc. */
export function api(world: World, signIn: SignIn): Hono {
  const rest = new OpenAPIHandler(catalog, {
    plugins: [new SmartCoercion()],
    clientInterceptors: [onError((error) => explain(world, error))],
  });
  const rpc = new RPCHandler(catalog, { clientInterceptors: [onError((error) => explain(world, error))] });
  const document = describe(world);
  const routes = new Hono();

  for (const path of ['/api/v1/*', '/rpc/*']) routes.use(path, atMost(LARGEST), jsonInput);
  routes.get('/api/v1/openapi.json', async (request) => request.json(await document));
  routes.all('/api/v1/*', async (request) => {
    const context = await callerOf(world, signIn, request);
    const { matched, response } = await rest.handle(request.req.raw, { prefix: '/api/v1', context });
    if (matched) return response;
    return request.json(
      {
        code: 'NOT_FOUND',
        message: `There is no ${request.req.method} ${request.req.path}. The API is described at /api/v1/openapi.json.`,
      },
      404,
    );
  });
  routes.all('/rpc/*', async (request) => {
    const context = await callerOf(world, signIn, request);
    const { matched, response } = await rpc.handle(request.req.raw, { prefix: '/rpc', context });
    return matched ? response : request.json({ message: 'There is no such operation.' }, 404);
  });
  return routes;
}

/** The OpenAPI 3.1 document, cut from the catalog, with the examples that were run. */
export async function describe(world: Pick<World, 'publicUrl'>) {
  const generator = new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] });
  const document = await generator.generate(catalog, {
    info: {
      title: 'Fanfare',
      version: packageJson.version,
      description:
        'Everything Fanfare can do. Make a key under Settings, API keys, and send it as "Authorization: Bearer <key>".',
    },
    servers: [{ url: `${world.publicUrl}/api/v1` }],
    security: [{ key: [] }],
    components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
  });
  return withExamples(document);
}

/** Turns what was thrown into words; a fault is logged whole and shown without its insides. */
function explain(world: World, error: unknown): never {
  const known = explained(error);
  if (known instanceof ORPCError && known.code !== 'INTERNAL_SERVER_ERROR') throw known;
  const cause = (known as Error).cause ?? known;
  world.log.error({ err: cause }, 'An operation failed');
  const { status, code, message } = faultOf(cause);
  throw new ORPCError(code, { status, message });
}

/** Input that does not fit its schema, said by field; anything else as it is. */
export function explained(error: unknown): unknown {
  if (!(error instanceof ORPCError) || error.code !== 'BAD_REQUEST' || !(error.cause instanceof ValidationError))
    return error;
  const problems = error.cause.issues.map((issue) => ({ path: pathOf(issue.path), message: issue.message }));
  const first = problems[0];
  return new ORPCError('BAD_REQUEST', {
    message: first ? `${first.path ? `${first.path}: ` : ''}${first.message}` : 'The input does not fit.',
    data: { reason: 'invalid_input', problems },
    cause: error.cause,
  });
}

function pathOf(path: readonly (PropertyKey | { key: PropertyKey })[] | undefined): string {
  return (path ?? []).map((step) => String(typeof step === 'object' ? step.key : step)).join('.');
}
