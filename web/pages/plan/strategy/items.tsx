import { counted } from '#web/format.ts';
import { EvidenceQuote } from '#web/parts/evidence-quote.tsx';
import { platformName } from '#web/parts/platform-icon.tsx';
import type { Item } from './queries.ts';
import { itemWords } from './words.ts';
import './strategy.css';

const kinds = Object.keys(itemWords) as Item['kind'][];

/** The parts of a strategy by kind, each with why it is there and the facts it rests on. */
export function StrategyItems({ items }: { items: Item[] }) {
  return (
    <div className="plan">
      {kinds
        .map((kind) => ({ kind, own: items.filter((item) => item.kind === kind) }))
        .filter(({ own }) => own.length > 0)
        .map(({ kind, own }) => (
          <section key={kind} className="plan-kind">
            <h3>{itemWords[kind]}</h3>
            <ul>
              {own.map((item) => (
                <StrategyItem key={item.id} item={item} />
              ))}
            </ul>
          </section>
        ))}
    </div>
  );
}

export function StrategyItem({ item, mark }: { item: Item; mark?: '+' | '−' | '~' }) {
  return (
    <li className="plan-item" data-mark={mark}>
      {mark && <i aria-hidden="true">{mark}</i>}
      <div>
        <p className="plan-statement">
          {item.kind === 'channel' ? platformName(item.statement.replaceAll('_', '')) : item.statement}
        </p>
        {item.reasoning && <p className="sub">{item.reasoning}</p>}
        {item.facts.length > 0 && (
          <details className="plan-facts">
            <summary className="sub">Rests on {counted(item.facts.length, 'fact')}</summary>
            <div className="stack" data-gap="small">
              {item.facts.map((fact) => (
                <EvidenceQuote
                  key={fact.id}
                  quote={fact.quote ?? fact.statement}
                  page={fact.url ? { title: shortUrl(fact.url), url: fact.url } : undefined}
                />
              ))}
            </div>
          </details>
        )}
      </div>
    </li>
  );
}

function shortUrl(url: string): string {
  return url.replace(/^https?:\/\/(www\.)?/, '').replace(/\/$/, '');
}
