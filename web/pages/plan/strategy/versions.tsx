import { Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useHouse } from '#web/app.tsx';
import { day } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Difference } from './difference.tsx';
import { diffQuery, type Version } from './queries.ts';
import { sourceWords } from './words.ts';

/** Every version there was, newest first, each comparable with the one before it. */
export function Versions({ appId, versions }: { appId: string; versions: Version[] }) {
  const { timeZone } = useHouse();
  const [shown, setShown] = useState<[from: Version, to: Version]>();
  return (
    <Card title="Versions" sub={<span className="num">{versions.length}</span>}>
      <ol className="versions">
        {versions.map((version, index) => {
          const before = versions[index + 1];
          return (
            <li key={version.id}>
              <div>
                <strong className="num">Version {version.version}</strong>{' '}
                <span className="sub">{stateWords[version.state]}</span>
                <p className="sub num">
                  {day(version.createdAt, timeZone)}, {version.createdBy ?? sourceWords[version.source]}
                </p>
                {version.reason && <p className="sub">{version.reason}</p>}
              </div>
              {before && (
                <Button
                  size="small"
                  look="quiet"
                  onClick={() => setShown([before, version])}
                  aria-label={`Changes of version ${version.version}`}
                >
                  Changes
                </Button>
              )}
            </li>
          );
        })}
      </ol>
      <Modal
        opened={shown !== undefined}
        onClose={() => setShown(undefined)}
        title={shown && `Version ${shown[0].version} to ${shown[1].version}`}
        centered
        size={620}
        closeButtonProps={{ 'aria-label': 'Close' }}
        overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
      >
        {shown && <Between appId={appId} from={shown[0].id} to={shown[1].id} />}
      </Modal>
    </Card>
  );
}

function Between({ appId, from, to }: { appId: string; from: string; to: string }) {
  const diff = useQuery(diffQuery(appId, from, to));
  return <Loaded query={diff}>{(data) => <Difference diff={data} />}</Loaded>;
}

const stateWords = { proposed: 'proposed', current: 'current', superseded: 'replaced', declined: 'declined' };
