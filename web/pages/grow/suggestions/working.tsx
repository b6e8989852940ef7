import { count, money } from '#web/format.ts';
import type { Detail } from './detail.tsx';
import { few } from './words.ts';

/** How effort and impact came about: every factor with its interval, the belief and what moved it. */
export function Working({ detail }: { detail: Detail }) {
  const { working, currency, effortReason, chance, returnReason } = detail;
  if (!working && !effortReason) return null;
  const isWorth = (index: number) =>
    working?.unit === 'money' || (currency !== null && index === (working?.factors.length ?? 0) - 1);
  const say = (value: number, index: number) => {
    if (isWorth(index) && currency) return money(Math.round(value), currency);
    return value < 1 ? `${(value * 100).toFixed(1)}%` : value < 10 ? few(value) : count(Math.round(value));
  };
  return (
    <section>
      <h3>How the numbers came about</h3>
      {effortReason && <p className="sub">Effort: {effortReason}</p>}
      {working && (
        <>
          <ul className="suggestion-rows num">
            {working.factors.map((factor, index) => (
              <li key={factor.label}>
                <span>{capital(factor.label)}</span>
                <span>
                  {say(factor.mean, index)}{' '}
                  <span className="sub">
                    ({say(factor.low, index)} to {say(factor.high, index)})
                  </span>
                </span>
              </li>
            ))}
            <li>
              <span>Expected change{working.loss && ' of what is lost'}</span>
              <span>
                {change(working.effect.mid)}{' '}
                <span className="sub">
                  ({change(working.effect.low)} to {change(working.effect.high)})
                </span>
              </span>
            </li>
          </ul>
          <p className="sub">
            Believed beforehand: {change(working.prior.low)} to {change(working.prior.high)}. {working.prior.reason}
            {working.seen !== null &&
              ` The rows by themselves say ${working.seen.toFixed(1)} times; as it stands out because it was looked for, it is drawn towards what is usual.`}
            {working.learntFrom > 0 &&
              ` ${working.learntFrom === 1 ? 'One measured result' : `${working.learntFrom} measured results`} of this kind moved it.`}
          </p>
        </>
      )}
      {chance !== null && (
        <p className="sub num">
          All of it multiplied gives the 90% interval, which holds as far as the belief does. The chance that it brings
          anything at all: {Math.min(99, Math.round(chance * 100))}%.
        </p>
      )}
      {returnReason && <p className="sub">{returnReason}</p>}
    </section>
  );
}

/** 1.12 → `+12%`, 0.97 → `−3%`. */
function change(ratio: number): string {
  const part = Math.round((ratio - 1) * 100);
  return part < 0 ? `−${-part}%` : `+${part}%`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
