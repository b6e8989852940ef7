import { useQuery } from '@tanstack/react-query';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { relative } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { type Template, templatesKey, versionsQuery } from './queries.ts';

/** What a template said before, each to be had again. */
export function Versions({ template, onRestored }: { template: Template; onRestored: () => void }) {
  const versions = useQuery(versionsQuery(template.id));
  const restoring = useChange(api.templates.restore, { refreshes: [templatesKey], after: onRestored });
  return (
    <details className="template-versions">
      <summary>Earlier versions</summary>
      <Loaded query={versions} title="The versions did not load" skeleton={<SkeletonLines lines={2} />}>
        {(all) => (
          <ul>
            {all.map(({ version, replacedAt, content }) => (
              <li key={version}>
                <div>
                  <strong>Version {version}</strong> <span className="sub">replaced {relative(replacedAt)}</span>
                  <p className="sub">{content.parts.join('\n\n')}</p>
                </div>
                <Button
                  size="small"
                  busy={restoring.isPending}
                  onClick={() => restoring.mutate({ templateId: template.id, version })}
                >
                  Use again
                </Button>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      {restoring.error && <ErrorNotice title="Not restored" error={restoring.error} />}
    </details>
  );
}
