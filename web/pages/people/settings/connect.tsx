import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Card } from '#web/parts/card.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { PlatformIcon } from '#web/parts/platform-icon.tsx';
import { type Platform, platformsQuery } from './account-queries.ts';
import { ConnectByConsent } from './connect-consent.tsx';
import { ConnectAtServer, ConnectWithKeys } from './connect-keys.tsx';
import { ConnectSandbox } from './connect-sandbox.tsx';

/** Where one can publish: choose a platform, then follow what it asks for. */
export function Connect({ returnTo }: { returnTo: string }) {
  const platforms = useQuery(platformsQuery);
  const [chosen, setChosen] = useState<string | null>(null);
  return (
    <Card title="Connect an account" padded>
      <Loaded query={platforms} title="The platforms did not load">
        {(all) => {
          const platform = all.find((one) => one.id === chosen);
          return (
            <div className="stack">
              <ul className="platforms">
                {all.map((one) => (
                  <li key={one.id}>
                    <button
                      type="button"
                      className="platform"
                      aria-pressed={one.id === chosen}
                      onClick={() => setChosen(one.id === chosen ? null : one.id)}
                    >
                      <PlatformIcon platform={one.id} size={18} decorative />
                      <span>{one.name}</span>
                      <span className="sub">{wayIn[one.id] ?? ways[one.connect]}</span>
                    </button>
                  </li>
                ))}
              </ul>
              {platform && (
                <div key={platform.id} className="platform-way" ref={intoView}>
                  <Way platform={platform} returnTo={returnTo} onConnected={() => setChosen(null)} />
                </div>
              )}
            </div>
          );
        }}
      </Loaded>
    </Card>
  );
}

/** On a phone the form stands below a long list: without this a choice would seem to do nothing. */
function intoView(form: HTMLElement | null): void {
  form?.scrollIntoView({ block: 'nearest' });
}

const ways: Record<Platform['connect'], string> = {
  consent: 'with your own app',
  server: 'at your server',
  keys: 'with a key',
  nothing: 'nothing to enter',
};
const wayIn: Record<string, string> = { sandbox: 'on this machine', newsletter: 'by your mail server' };

function Way({ platform, returnTo, onConnected }: { platform: Platform; returnTo: string; onConnected: () => void }) {
  switch (platform.connect) {
    case 'consent':
      return <ConnectByConsent platform={platform.id} name={platform.name} returnTo={returnTo} />;
    case 'server':
      return <ConnectAtServer platform={platform} returnTo={returnTo} />;
    case 'keys':
      return <ConnectWithKeys platform={platform} onConnected={onConnected} />;
    case 'nothing':
      return platform.id === 'sandbox' ? (
        <div className="stack" data-gap="small">
          <p>A pretend platform on this machine. Posts go out, get numbers, and nobody sees them.</p>
          <ConnectSandbox onConnected={onConnected} />
        </div>
      ) : (
        <p>
          Every list of your newsletter is an account by itself.{' '}
          <Link className="link" to="/newsletter">
            Make a list
          </Link>
        </p>
      );
  }
}
