import { useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { saveFile } from '#web/file.ts';
import { dateTime } from '#web/format.ts';
import type { CampaignInFull } from '#web/pages/plan/strategy/queries.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';

/** The campaign as a file: written here, changed in a repository, applied from the command line; who applied which. */
export function CampaignFile({ campaign }: { campaign: CampaignInFull }) {
  const { timeZone } = useHouse();
  const files = useQuery({
    queryKey: ['campaigns', 'files', campaign.id],
    queryFn: () => api.campaignFiles.list({ campaignId: campaign.id }),
  });
  const writing = useChange(() => api.campaignFiles.export({ campaign: campaign.id, appId: campaign.appId }), {
    refreshes: [],
    after: ({ name, yaml }) => saveFile(name, new Blob([yaml], { type: 'application/yaml' })),
  });
  return (
    <Card
      title="As a file"
      action={
        <Button size="small" busy={writing.isPending} onClick={() => writing.mutate(undefined)}>
          <Download size={13} aria-hidden="true" />
          Save as YAML
        </Button>
      }
    >
      {writing.error && <ErrorNotice title="The file was not written" error={writing.error} />}
      <Loaded query={files} title="The files did not load">
        {({ files: applied }) => (
          <ol className="versions">
            {applied.slice(0, 5).map((file) => (
              <li key={file.id}>
                <div>
                  <span className="clip">{file.name}</span>
                  <p className="sub num">
                    applied {dateTime(file.appliedAt, timeZone)}
                    {file.by && `, ${file.by}`}
                  </p>
                </div>
              </li>
            ))}
            {applied.length === 0 && (
              <li className="sub">Not applied from a file. Saved as one, it is kept and applied with fanfare apply.</li>
            )}
          </ol>
        )}
      </Loaded>
    </Card>
  );
}
