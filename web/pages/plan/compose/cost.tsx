import { Popover } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Hand } from 'lucide-react';
import { api } from '#web/api.ts';
import { money } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { PlatformIcon } from '#web/parts/platform-icon.tsx';
import { PriceTag } from '#web/parts/price-tag.tsx';

type Price = Awaited<ReturnType<typeof api.spend.price>>;

/** What the post would cost on the chosen accounts, in the version the server has. */
export function usePrice(postId: string | undefined, version: number | undefined, accountIds: string[]) {
  return useQuery({
    queryKey: ['spend', 'price', postId, version, accountIds],
    enabled: postId !== undefined && accountIds.length > 0,
    queryFn: () => api.spend.price({ postId: postId!, accountIds }),
    placeholderData: (before) => before,
  }).data;
}

/** The price in the checks bar; opened, it says what each account costs, what is left of its month, and what would be cheaper. */
export function Cost({ price, onByHand }: { price: Price; onByHand: (() => Promise<unknown>) | undefined }) {
  const over = price.accounts.some((each) => !each.withinBudget);
  const parts = price.accounts.flatMap((account) => account.parts);
  const links = parts.filter(({ item }) => item === 'x.post_with_url');
  const plain = parts.find(({ item }) => item === 'x.post');
  const tag = (
    <PriceTag minor={price.micros / 10_000} currency="USD" note={price.micros > 0 ? 'to post' : ''} overBudget={over} />
  );
  if (price.micros === 0) return tag;
  return (
    <Popover position="top-end" width={340} shadow="none" withinPortal trapFocus returnFocus>
      <Popover.Target>
        <button type="button" className="cost" title="What this costs">
          {tag}
        </button>
      </Popover.Target>
      <Popover.Dropdown p={14} aria-label="What this costs">
        <ul className="cost-list num">
          {price.accounts.map((account) => (
            <li key={account.accountId} data-tone={account.withinBudget ? undefined : 'neg'}>
              <PlatformIcon platform={account.platform} size={13} />
              <span className="clip">@{account.handle}</span>
              <b>{account.micros === 0 ? 'Free' : money(account.micros / 10_000, 'USD')}</b>
              <span className="sub">{budgetWords(account)}</span>
            </li>
          ))}
        </ul>
        {links.length > 0 && (
          <div className="cost-hint">
            <strong>
              A post with a link costs {money(links[0]!.micros / 10_000, 'USD')} on X
              {plain && `, one without ${money(plain.micros / 10_000, 'USD')}`}
            </strong>
            <ul>
              <li>The link in the first reply saves nothing: a reply with a link costs the same.</li>
              <li>The link in your bio is free. Say where it is instead of writing it.</li>
              <li>Posting by hand is free. You get the text and the page when it is time.</li>
            </ul>
            {onByHand && <ByHand onByHand={onByHand} />}
          </div>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

function ByHand({ onByHand }: { onByHand: () => Promise<unknown> }) {
  const queries = useQueryClient();
  const noting = useMutation({
    mutationFn: onByHand,
    onSuccess: () => queries.invalidateQueries({ queryKey: ['assisted'] }),
  });
  return (
    <>
      <Button size="small" busy={noting.isPending} onClick={() => noting.mutate()}>
        <Hand size={13} aria-hidden="true" />
        Post by hand instead
      </Button>
      {noting.error && <ErrorNotice title="It was not noted" error={noting.error} />}
    </>
  );
}

function budgetWords({ spentMicros, budgetMicros, micros, withinBudget }: Price['accounts'][number]): string {
  const spent = `${money(spentMicros / 10_000, 'USD')} spent this month`;
  if (budgetMicros === null) return `${spent}, no limit set`;
  const left = budgetMicros - spentMicros - micros;
  if (!withinBudget) return `${spent} of ${money(budgetMicros / 10_000, 'USD')}: this goes over`;
  return `${spent}, ${money(left / 10_000, 'USD')} left after this`;
}
