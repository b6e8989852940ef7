import { useQuery } from '@tanstack/react-query';
import { money } from '#web/format.ts';
import { Card } from '#web/parts/card.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { definitionsQuery } from './queries.ts';

/** From our MRR to Stripe's, line by line, with the app's own numbers. */
export function DefinitionsCard({ appId }: { appId: string }) {
  const definitions = useQuery(definitionsQuery(appId));
  return (
    <Card title="Why is this not Stripe’s number?">
      <div className="card-body definitions">
        <Loaded query={definitions} title="The comparison did not load" skeleton={<SkeletonLines lines={6} />}>
          {({ currency, oursMinor, stripe, alike, others }) => (
            <>
              <p className="receipt-line">
                <strong>MRR here</strong>
                <strong className="num">{money(oursMinor, currency)}</strong>
              </p>
              {stripe.lines.map((line) => (
                <Row key={line.key} label={line.label} words={line.words} amount={signed(line.minor, currency)} />
              ))}
              <p className="receipt-line definitions-total">
                <strong>MRR by Stripe’s definition</strong>
                <strong className="num">{money(stripe.totalMinor, currency)}</strong>
              </p>
              <h3>Counted alike</h3>
              {alike.map((line) => (
                <Row
                  key={line.key}
                  label={line.label}
                  words={line.words}
                  amount={line.subscriptions === 0 ? 'none' : `${line.subscriptions}`}
                />
              ))}
              {others.map((other) => (
                <div key={other.name}>
                  <h3>
                    <a className="link" href={other.source} target="_blank" rel="noreferrer">
                      {other.name}
                    </a>
                  </h3>
                  {other.lines.map((line) => (
                    <Row key={line.key} label={line.label} words={line.words} amount="" />
                  ))}
                </div>
              ))}
            </>
          )}
        </Loaded>
      </div>
    </Card>
  );
}

function Row({ label, words, amount }: { label: string; words: string; amount: string }) {
  return (
    <div className="receipt-line">
      <span>
        {label}
        <span className="sub">{words}</span>
      </span>
      <span className="num">{amount}</span>
    </div>
  );
}

function signed(minor: string | null, currency: string): string {
  if (minor === null) return '';
  return BigInt(minor) > 0n ? `+${money(minor, currency)}` : money(minor, currency);
}
