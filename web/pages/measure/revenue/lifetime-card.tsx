import { useQuery } from '@tanstack/react-query';
import { count, money, percent } from '#web/format.ts';
import { Card } from '#web/parts/card.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { NotEnough } from '#web/parts/not-enough.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { type Figures, lifetimeQuery } from './queries.ts';
import { rateWords } from './words.ts';

/** What a customer is worth, with its interval, and what became of trials and failed payments. */
export function LifetimeCard({ appId, figures }: { appId: string; figures: Figures }) {
  const lifetime = useQuery(lifetimeQuery(appId));
  const { trials, failedPayments, currency } = figures;
  return (
    <Card title="What a customer is worth">
      <div className="card-body stack">
        <Loaded query={lifetime} title="The value did not load" skeleton={<SkeletonLines lines={5} />}>
          {({ subscriptions, purchases, currency: own }) => (
            <>
              {subscriptions.enough ? (
                <p>
                  <strong className="num">{money(subscriptions.valueMinor, own, { whole: true })}</strong> within{' '}
                  {subscriptions.horizonMonths} months,{' '}
                  <span className="num">
                    {money(subscriptions.lowMinor, own, { whole: true })} to{' '}
                    {money(subscriptions.highMinor, own, { whole: true })}
                  </span>{' '}
                  at {percent(subscriptions.confidence)} confidence.
                  <span className="sub">
                    {' '}
                    Shifted-beta-geometric model over {count(subscriptions.customers)} customers who pay by the month,
                    money a year later worth {percent(subscriptions.discountYearly)} less.
                  </span>
                </p>
              ) : (
                <NotEnough>{subscriptions.reason.replace('Not enough data: ', '')}</NotEnough>
              )}
              {purchases.enough && (
                <p>
                  A one-off buyer brings{' '}
                  <strong className="num">{money(purchases.firstYearMinor, own, { whole: true })}</strong> in the first
                  year; all {count(purchases.customers)} buyers together{' '}
                  <span className="num">{money(purchases.nextYearMinor, own, { whole: true })}</span> in the next.
                  <span className="sub"> BG/NBD and gamma-gamma models.</span>
                </p>
              )}
            </>
          )}
        </Loaded>
        <dl className="facts">
          <dt>Trials</dt>
          <dd className="num">
            {trials.started} began, {trials.paid} paid, {trials.running} running
            {trials.enough ? `, ${rateWords(trials.rate)} of those decided` : ''}
          </dd>
          <dt>Failed payments</dt>
          <dd className="num">
            {failedPayments.failed} failed, {failedPayments.recovered} recovered, {failedPayments.outstanding}{' '}
            outstanding
            {BigInt(failedPayments.atRiskMinor) > 0n
              ? ` with ${money(failedPayments.atRiskMinor, currency)} of MRR`
              : ''}
          </dd>
          <dt>Quick ratio</dt>
          <dd className="num">{figures.total.quickRatio === null ? '–' : figures.total.quickRatio.toFixed(1)}</dd>
          <dt>Paid in the range</dt>
          <dd className="num">
            {money(figures.total.paidMinor, currency)}, {money(figures.total.refundedMinor, currency)} went back,{' '}
            {money(figures.total.feesMinor, currency)} fees
          </dd>
        </dl>
      </div>
    </Card>
  );
}
