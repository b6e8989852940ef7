import { NumberInput } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { money, relative } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { platformName } from '#web/parts/platform-icon.tsx';

type Price = Awaited<ReturnType<typeof api.spend.prices>>['items'][number];

export const pricesQuery = (platform: string) =>
  queryOptions({ queryKey: ['spend', 'prices', platform], queryFn: () => api.spend.prices({ platform }) });

const dollars = (micros: number) => money(String(micros / 10_000), 'USD');

/** A platform's price list with the workspace's corrections; nothing where it charges nothing. */
export function Prices({ platform }: { platform: string }) {
  const prices = useQuery(pricesQuery(platform));
  if (prices.error)
    return <ErrorNotice title="The prices did not load" error={prices.error} onRetry={() => void prices.refetch()} />;
  if (!prices.data || prices.data.items.length === 0) return null;
  const { asOf, source, items } = prices.data;
  return (
    <Card
      title={`Prices of ${platformName(platform)}`}
      sub={
        asOf && (
          <>
            as of {asOf},{' '}
            {source && (
              <a className="link" href={source} target="_blank" rel="noreferrer">
                {new URL(source).host}
              </a>
            )}
          </>
        )
      }
    >
      <ul>
        {items.map((item) => (
          <PriceRow key={item.item} platform={platform} price={item} />
        ))}
      </ul>
    </Card>
  );
}

function PriceRow({ platform, price }: { platform: string; price: Price }) {
  const [editing, setEditing] = useState(false);
  const [value, setValue] = useState<number | string>(price.micros / 1_000_000);
  const saving = useChange(api.spend.setPrice, {
    refreshes: [['spend']],
    says: 'Saved. From now on it is counted so.',
    after: () => setEditing(false),
  });
  const own = price.changedAt !== null;
  return (
    <li className="account spend-price">
      <div className="account-head">
        <div className="account-name">
          {price.what}
          {price.changedAt && (
            <span className="sub num">
              Corrected {relative(price.changedAt)}
              {price.changedBy && ` by ${price.changedBy}`}
              {price.listedMicros !== null && `; listed at ${dollars(price.listedMicros)}`}
            </span>
          )}
        </div>
        <span className="num">{dollars(price.micros)}</span>
        <Button
          size="small"
          look="quiet"
          onClick={() => setEditing(!editing)}
          aria-expanded={editing}
          aria-label={`Correct the price: ${price.what}`}
        >
          Correct
        </Button>
      </div>
      {editing && (
        <form
          className="inline-form spend-form"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            saving.mutate({ platform, item: price.item, micros: Math.round(Number(value) * 1_000_000) });
          }}
        >
          <NumberInput
            aria-label={`Price in US dollars: ${price.what}`}
            prefix="$"
            min={0}
            max={1000}
            decimalScale={6}
            hideControls
            value={value}
            onChange={setValue}
          />
          <Button type="submit" busy={saving.isPending} disabled={value === ''}>
            Save price
          </Button>
          {own && price.listedMicros !== null && (
            <Button onClick={() => saving.mutate({ platform, item: price.item, micros: null })}>
              Back to the list
            </Button>
          )}
          {saving.error && <ErrorNotice title="Not saved" error={saving.error} />}
        </form>
      )}
    </li>
  );
}
