import { money } from '#web/format.ts';
import { shareOf } from '#web/pages/measure/attribution/words.ts';
import { between, type Figures, inMoney, type Ratio, ratioWords, signOf, spentWords, times } from './words.ts';

/** The whole in one row: cost, revenue, profit, and the ratios that have enough behind them. */
export function Result({ figures, currency }: { figures: Figures; currency: string }) {
  const { cost, ratios } = figures;
  const inCurrency = inMoney(currency);
  return (
    <dl className="credit-figures num">
      <div>
        <dt>Cost</dt>
        <dd>
          {money(cost.allMinor, currency)}
          <small>{spentWords(cost, currency) || 'Nothing written down'}</small>
        </dd>
      </div>
      <div>
        <dt>Revenue</dt>
        <dd>
          {money(figures.revenueMinor, currency)}
          <small>{money(figures.mrrMinor, currency)} new a month</small>
        </dd>
      </div>
      <div>
        <dt>Profit</dt>
        <dd>
          <span className="profit" data-sign={signOf(figures.profitMinor)}>
            {money(figures.profitMinor, currency)}
          </span>
          <small>
            {ratioWords(ratios.mer, times) ? `${ratioWords(ratios.mer, times)} revenue on cost` : ratios.mer.reason}
          </small>
        </dd>
      </div>
      <Ratioed
        name="Cost per signup"
        ratio={ratios.cpa}
        write={inCurrency}
        note={`${shareOf(figures.signups)} signups`}
      />
      <Ratioed
        name="Cost per customer"
        ratio={ratios.cac}
        write={inCurrency}
        note={`${shareOf(figures.customers)} customers`}
      />
      <Ratioed
        name="Pays back in"
        ratio={ratios.paybackMonths}
        write={(months) => `${months.toFixed(1)} months`}
        note=""
      />
      <Ratioed
        name="Lifetime value on cost"
        ratio={ratios.ltvToCac}
        write={(value) => `${value.toFixed(1)}×`}
        note="of a customer, over three years"
      />
    </dl>
  );
}

function Ratioed({
  name,
  ratio,
  write,
  note,
}: {
  name: string;
  ratio: Ratio;
  write: (value: number) => string;
  note: string;
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {ratioWords(ratio, write) ?? <span className="sub">–</span>}
        <small>{ratio.reason ?? between(ratio, write) ?? note}</small>
      </dd>
    </div>
  );
}
