import { table } from '#src/doors/cli/show.ts';
import type { Fitted } from '#src/measure/lifetime.ts';

type Numbers = { [name: string]: number };

/** Parameters with their standard errors, and the log-likelihood, for people. */
export function fitText<P extends Numbers>(
  fit: Extract<Fitted<P>, { enough: true }>,
  width: number | undefined,
  isSure = true,
): string {
  const rows = Object.entries(fit.parameters).map(([parameter, estimate]) => ({
    parameter,
    estimate: precise(estimate),
    ...(isSure ? { 'standard error': precise(fit.standardErrors[parameter] ?? Number.NaN) } : {}),
  }));
  return `${sheet(rows, width)}\n\nLog-likelihood ${fit.logLikelihood.toFixed(4)}, ${fit.customers} customers`;
}

export function sheet(rows: { [name: string]: unknown }[], width: number | undefined): string {
  return table(rows, { now: new Date(), ...(width ? { width } : {}) });
}

/** Six digits that mean something; a dash for what is not known. */
export function precise(value: number): string {
  return Number.isFinite(value) ? value.toPrecision(6) : '–';
}
