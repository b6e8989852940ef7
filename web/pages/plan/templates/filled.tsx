import { NativeSelect } from '@mantine/core';
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { useApp } from '#web/app.tsx';
import { day } from '#web/format.ts';
import { Loaded } from '#web/parts/loaded.tsx';
import { PlatformPreview } from '#web/parts/platform-preview.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { accountsQuery } from '#web/queries.ts';
import type { Preview } from './queries.ts';

const LINK = '{{link}}';

/** A template filled from what is known, as one of the platforms draws it, and whether it fits there. */
export function Filled({
  query,
  platform,
  onPlatform,
}: {
  query: UseQueryResult<Preview>;
  platform: string;
  onPlatform: (platform: string) => void;
}) {
  const app = useApp();
  const accounts = useQuery(accountsQuery);
  const account = accounts.data?.find((each) => each.platform === platform);
  const author = {
    name: account?.name ?? app.name,
    handle: account?.handle ?? 'you',
    avatarUrl: account?.avatarUrl ?? null,
  };
  return (
    <Loaded query={query} title="It cannot be filled in like this" skeleton={<SkeletonLines lines={5} />}>
      {(preview) => {
        const fit = preview.fits.find((one) => one.platform === platform);
        return (
          <>
            <NativeSelect
              aria-label="Platform"
              value={platform}
              onChange={(event) => onPlatform(event.currentTarget.value)}
              data={preview.fits.map(({ platform: value, name, own, valid }) => ({
                value,
                label: `${name}${own ? ', in its own words' : ''}${valid ? '' : ', does not fit'}`,
              }))}
            />
            <PlatformPreview
              platform={platform}
              author={author}
              title={preview.headline ?? preview.title}
              parts={preview.parts.map(({ text }, index) => ({
                id: String(index),
                text: text.replaceAll(LINK, `${location.origin}/l/xxxxxxx`),
              }))}
              when={day(new Date())}
            />
            {fit?.why && (
              <p className="template-why">
                <span className="tag" data-tone="warn">
                  Does not fit
                </span>{' '}
                {fit.why}
              </p>
            )}
          </>
        );
      }}
    </Loaded>
  );
}
