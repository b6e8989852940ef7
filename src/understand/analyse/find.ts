import { ask, modelOf, promptOf } from '#src/ask.ts';
import type { Context } from '#src/context.ts';
import { analyseBuiltIn } from '#src/understand/builtin/index.ts';
import { addressesMachine, type Findings, isQuoted } from '#src/understand/findings.ts';
import { factsSoFar, findingsSchema, pagesAsParts, toFindings } from '#src/understand/modelled.ts';
import type { ReadPage } from '#src/understand/reading.ts';
import type { Ended } from './progress.ts';

export type Found = { findings: Findings; method: 'built_in' | 'model'; fellBackBecause: string | null };

/** The reading it is done for: the model's call carries its id, `say` shows how far the model is. */
export type Reading = {
  analysisId: string;
  signal?: AbortSignal | undefined;
  say(message: string): Promise<void>;
};

/**
 * Finds what the app does and for whom: by the model of this workspace when there is one, else by the built-in
 * analysis, which also stands in when the model fails and then says why.
 */
export async function find(context: Context, pages: readonly ReadPage[], reading: Reading): Promise<Ended<Found>> {
  const asked = await askModel(context, pages, reading);
  if (asked && 'findings' in asked)
    return {
      value: { findings: asked.findings, method: 'model', fellBackBecause: null },
      message: `${asked.model} found ${counted(asked.findings)}.${asked.note}`,
    };
  const findings = analyseBuiltIn(pages);
  const because = asked ? `The model could not be used, so the built-in analysis stood in. ${asked.reason}` : null;
  return {
    value: { findings, method: 'built_in', fellBackBecause: asked?.reason ?? null },
    message: because
      ? `${because} It found ${counted(findings)}.`
      : `The built-in analysis found ${counted(findings)}.`,
  };
}

/** Drops whatever does not stand word for word on its page, or gives orders to a machine that reads it. */
export function checkQuotes(findings: Findings, pages: readonly ReadPage[]): Ended<Findings> {
  const stands = (one: { quote: string; url: string }, words: string) => {
    const page = pages.find(({ url }) => url === one.url);
    return page !== undefined && isQuoted(one.quote, page) && !addressesMachine(`${words} ${one.quote}`);
  };
  const facts = findings.facts.filter(
    (fact) => fact.statement.length <= 2_000 && fact.quote.length <= 4_000 && stands(fact, fact.statement),
  );
  const audiences = findings.audiences.filter((one) => stands(one, `${one.name} ${one.description}`));
  const competitors = findings.competitors.filter((one) => stands({ quote: one.quote, url: one.pageUrl }, one.name));
  const all = findings.facts.length + findings.audiences.length + findings.competitors.length;
  const kept = facts.length + audiences.length + competitors.length;
  const dropped = all - kept;
  return {
    value: { ...findings, facts, audiences, competitors },
    message:
      dropped === 0
        ? `All ${kept} quotes stand on their pages.`
        : `${kept} of ${all} quotes stand on their pages; ${dropped} ${dropped === 1 ? 'was' : 'were'} left out.`,
  };
}

type Asked = { findings: Findings; model: string; note: string } | { reason: string };

async function askModel(context: Context, pages: readonly ReadPage[], reading: Reading): Promise<Asked | null> {
  const { analysisId, signal, say } = reading;
  const model = await modelOf(context);
  if (!model) return null;
  const answer = await ask(context, model, {
    purpose: 'analyse',
    subject: analysisId,
    prompt: await promptOf(new URL('../analyse.prompt.md', import.meta.url)),
    task: `Write down what these ${pages.length} pages say about the app.`,
    parts: pagesAsParts(pages),
    schema: findingsSchema,
    onProgress: (soFar) => say(`${model.model} is writing: ${factsSoFar(soFar)}.`),
    ...(signal ? { signal } : {}),
  });
  signal?.throwIfAborted();
  if (!answer.ok) return { reason: answer.reason };
  const { dropped, ...findings } = toFindings(answer.value, pages);
  if (findings.facts.length === 0)
    return { reason: `${model.model} answered without a single fact that can be quoted from the pages.` };
  const left = dropped.notOnPage + dropped.noSuchPage + dropped.orders + dropped.unsupported;
  const note =
    left > 0 ? ` ${left} more ${left === 1 ? 'was' : 'were'} left out, because the pages do not say so.` : '';
  return { findings, model: model.model, note };
}

function counted({ facts, audiences, keywords }: Findings): string {
  const many = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;
  return `${many(facts.length, 'fact')}, ${many(audiences.length, 'audience')} and ${many(keywords.length, 'keyword')}`;
}
