import { type AnyProcedure, isProcedure } from '@orpc/server';
import type { z } from 'zod';
import { catalog } from '#src/catalog.ts';
import type { OperationMeta } from '#src/operation.ts';

/** An operation as a door sees it. */
export type Offered = OperationMeta & {
  /** `posts.schedule`. */
  name: string;
  noun: string;
  verb: string;
  summary: string;
  method: string;
  /** Below /api/v1, with `{parameters}`. */
  path: string;
  input: z.ZodObject;
  output: z.ZodType;
  procedure: AnyProcedure;
};

/** The catalog as a list, in its own order: what the CLI, MCP and the documentation are cut from. */
export function offered(): Offered[] {
  return Object.entries(catalog).flatMap(([noun, verbs]) =>
    Object.entries(verbs).map(([verb, procedure]) => describe(noun, verb, procedure)),
  );
}

function describe(noun: string, verb: string, procedure: unknown): Offered {
  if (!isProcedure(procedure)) throw new Error(`${noun}.${verb} in the catalog is not an operation.`);
  const { meta, route, inputSchema, outputSchema } = procedure['~orpc'];
  return {
    ...(meta as OperationMeta),
    name: `${noun}.${verb}`,
    noun,
    verb,
    summary: route.summary ?? '',
    method: route.method ?? 'POST',
    path: route.path ?? '/',
    input: inputSchema as unknown as z.ZodObject,
    output: outputSchema as unknown as z.ZodType,
    procedure,
  };
}
