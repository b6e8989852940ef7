import type { SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Config } from '#src/config.ts';
import { traceWith } from '#src/trail.ts';

export type Traces = { stop(): Promise<void> };

/**
 * Sends traces (request, operation, SQL, job, call to a service) to the collector that the settings name; null without
 * one, and then not even the library is loaded. `exporter`: where they go instead, for tests.
 */
export async function startTraces(config: Config, exporter?: SpanExporter): Promise<Traces | null> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: name } = config;
  if (!endpoint && !exporter) return null;
  const { NodeTracerProvider, BatchSpanProcessor, SimpleSpanProcessor } = await import('@opentelemetry/sdk-trace-node');
  const { resourceFromAttributes } = await import('@opentelemetry/resources');
  const { ATTR_SERVICE_NAME } = await import('@opentelemetry/semantic-conventions');
  const processor: SpanProcessor = exporter
    ? new SimpleSpanProcessor(exporter)
    : new BatchSpanProcessor(await collectorAt(`${endpoint?.replace(/\/$/, '')}/v1/traces`, config));
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ [ATTR_SERVICE_NAME]: name }),
    spanProcessors: [processor],
  });
  provider.register();
  traceWith(provider.getTracer('fanfare'));
  return {
    async stop() {
      traceWith(null);
      await provider.shutdown();
    },
  };
}

async function collectorAt(url: string, { OTEL_EXPORTER_OTLP_HEADERS: told }: Config): Promise<SpanExporter> {
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  const headers = Object.fromEntries(
    told
      .split(',')
      .map((one) => /^\s*([^=\s]+)=(.*)$/.exec(one))
      .filter((one) => one !== null)
      .map(([, name = '', value = '']) => [name, decodeURIComponent(value.trim())]),
  );
  return new OTLPTraceExporter({ url, headers });
}
