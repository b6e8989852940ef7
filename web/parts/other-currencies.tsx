import { Link } from '@tanstack/react-router';
import { money } from '#web/format.ts';
import '#web/styles/home.css';

/**
 * One quiet line about money that the figures beside it leave out, as nothing is converted; nothing when all of it is
 * in the workspace's currency. With `suggested`, the currency everything is in, it leads to where that is set.
 */
export function OtherCurrencies({
  amounts,
  suggested,
}: {
  amounts: readonly { minor: string; currency: string }[];
  suggested: string | null;
}) {
  const left = amounts.filter(({ minor }) => BigInt(minor) !== 0n);
  if (left.length === 0) return null;
  const named = left.map(({ minor, currency }) => `${money(minor, currency, { whole: true })} in ${currency}`);
  return (
    <p className="other-money sub num">
      {new Intl.ListFormat('en-GB').format(named)} {left.length === 1 ? 'is' : 'are'} not in these numbers.
      {suggested && (
        <>
          {' '}
          All of your payments here are in {suggested}.{' '}
          <Link className="link" to="/settings/$section" params={{ section: 'workspace' }}>
            Show the numbers in {suggested}
          </Link>
        </>
      )}
    </p>
  );
}
