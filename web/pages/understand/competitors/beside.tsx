import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { count, money } from '#web/format.ts';
import { Card } from '#web/parts/card.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { platformName } from '#web/parts/platform-icon.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { benchmarkQuery, pricesQuery } from './queries.ts';
import { priceWords } from './words.ts';

/** The prices of all that are watched, as they stand. */
export function PricesCard({ appId }: { appId: string }) {
  const prices = useQuery(pricesQuery(appId));
  return (
    <Card title="Prices" sub="As their pages say now">
      <Loaded query={prices} skeleton={<SkeletonCard height={180} />}>
        {(all) =>
          all.length === 0 ? (
            <p className="table-empty">Nobody is watched yet.</p>
          ) : (
            <ul className="rival-prices">
              {all.map((one) => (
                <li key={one.id}>
                  <h3>
                    <Link to="/competitors/$id" params={{ id: one.id }}>
                      {one.name}
                    </Link>
                  </h3>
                  {one.prices.length === 0 ? (
                    <p className="sub">No price found on the pages that could be read.</p>
                  ) : (
                    <dl className="price-list">
                      {one.prices.map((price) => (
                        <div key={`${price.plan} ${price.price.minor} ${price.every} ${price.billed}`}>
                          <dt>{price.plan}</dt>
                          <dd className="num" title={price.quote}>
                            {priceWords(price)}
                          </dd>
                        </div>
                      ))}
                    </dl>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Card>
  );
}

/** The app beside each of them, by the same measures. */
export function BenchmarkCard({ appId }: { appId: string }) {
  const rows = useQuery(benchmarkQuery(appId));
  return (
    <Card title="Beside your own numbers" sub="What is public; the rest is said to be unknown">
      <Loaded query={rows} skeleton={<SkeletonCard height={180} />}>
        {(all) => {
          const platforms = [...new Set(all.flatMap((row) => row.presence.map(({ platform }) => platform)))].sort();
          return (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard.
            <section className="matrix-scroll" aria-label="Benchmark" tabIndex={0}>
              <table className="matrix">
                <caption className="hidden-text">The app and its competitors by the same measures</caption>
                <thead>
                  <tr>
                    <th scope="col">Who</th>
                    <th scope="col">Cheapest paid plan a month</th>
                    <th scope="col">Features known</th>
                    {platforms.map((platform) => (
                      <th scope="col" key={platform}>
                        Followers on {platformName(platform)}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {all.map((row) => (
                    <tr key={row.competitorId ?? 'app'}>
                      <th scope="row">{row.competitorId ? row.name : `${row.name} (you)`}</th>
                      <td className="num">
                        {row.entryPrice ? money(row.entryPrice.minor, row.entryPrice.currency) : 'Not known'}
                      </td>
                      <td className="num">{count(row.features)}</td>
                      {platforms.map((platform) => {
                        const found = row.presence.filter((one) => one.platform === platform);
                        const followers = found.find((one) => one.followers !== null)?.followers;
                        const rate = found.find((one) => one.postsPerWeek !== null)?.postsPerWeek;
                        return (
                          <td key={platform} className="num">
                            {found.length === 0 ? 'None linked' : followers == null ? 'Not public' : count(followers)}
                            {rate != null && <span className="matrix-note">{rate} posts a week</span>}
                          </td>
                        );
                      })}
                    </tr>
                  ))}
                </tbody>
              </table>
            </section>
          );
        }}
      </Loaded>
    </Card>
  );
}
