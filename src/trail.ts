import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import {
  type Attributes,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
} from '@opentelemetry/api';

/** What a log line, an error answer and a job carry of the request that they come of. */
export type Trail = { requestId: string };

/** The same, as it is written beside the payload of a job. `traceparent`: W3C Trace Context, only while tracing. */
export type Carried = { requestId?: string; traceparent?: string };

const trails = new AsyncLocalStorage<Trail>();
let tracer: Tracer | null = null;

/** Runs `run` on a trail: whatever it calls and awaits stands on it. */
export function onTrail<T>(trail: Trail, run: () => T): T {
  return trails.run(trail, run);
}

/** The trail that this stands on; undefined outside any request. */
export function trail(): Trail | undefined {
  return trails.getStore();
}

/** The id of the request that this comes of; a new one where there is none. */
export function requestId(): string {
  return trails.getStore()?.requestId ?? randomUUID();
}

/** The id a request brings along, when it is one that may stand in a log; else a new one. */
export function requestIdFrom(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[\w.:+/=-]{1,100}$/.test(given) ? given : randomUUID();
}

/** What a job made now carries. */
export function carried(): Carried {
  const { requestId } = trails.getStore() ?? {};
  const traced: { traceparent?: string } = {};
  if (tracer) propagation.inject(context.active(), traced);
  return { ...(requestId === undefined ? {} : { requestId }), ...(traced.traceparent ? traced : {}) };
}

/** Works on something that was made by a request, on that request's trail; `otherwise` names one that was made by none. */
export function carryOn<T>(from: Carried, otherwise: string, name: string, run: () => Promise<T>): Promise<T> {
  const { requestId = otherwise, traceparent } = from;
  return onTrail({ requestId }, () =>
    spanFrom(traceparent, `job ${name}`, SpanKind.CONSUMER, { 'fanfare.request_id': requestId }, run),
  );
}

/** From now on spans are recorded by this; null: no longer, and then `span` costs nothing. */
export function traceWith(given: Tracer | null): void {
  tracer = given;
}

/** Whether spans are recorded at all: what is only for them need not be made ready otherwise. */
export function isTraced(): boolean {
  return tracer !== null;
}

/** Records how long `run` takes, under what is being recorded already, and how it ended. Names hold no one's data. */
export function span<T>(
  name: string,
  attributes: Attributes,
  run: (span: Span | null) => Promise<T>,
  kind: SpanKind = SpanKind.INTERNAL,
): Promise<T> {
  if (tracer === null) return run(null);
  return tracer.startActiveSpan(name, { attributes, kind }, async (mine) => {
    try {
      return await run(mine);
    } catch (error) {
      // The name only: messages of PostgreSQL and of services quote what they were given.
      mine.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).name });
      throw error;
    } finally {
      mine.end();
    }
  });
}

/** The same under a span elsewhere, when one was told (`traceparent`). */
export function spanFrom<T>(
  traceparent: string | string[] | undefined,
  name: string,
  kind: SpanKind,
  attributes: Attributes,
  run: (span: Span | null) => Promise<T>,
): Promise<T> {
  if (tracer === null) return run(null);
  const parent = typeof traceparent === 'string' ? propagation.extract(ROOT_CONTEXT, { traceparent }) : ROOT_CONTEXT;
  return context.with(parent, () => span(name, attributes, run, kind));
}
