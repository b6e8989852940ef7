import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Copy, PenLine, Share2, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useApp } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { counted } from '#web/format.ts';
import { Button, IconButton } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Filled } from './filled.tsx';
import { Performance, type ResultsState } from './performance.tsx';
import { previewQuery, type Template, templatesKey, usePlatforms } from './queries.ts';
import { ShareDialog } from './share-dialog.tsx';
import { ValueFields } from './value-fields.tsx';

/** One template as it would be posted, what its posts brought, and what can be done with it. */
export function TemplateCard({
  template,
  results,
  onEdit,
  onCopy,
}: {
  template: Template;
  results: ResultsState;
  onEdit: () => void;
  onCopy: () => void;
}) {
  const app = useApp();
  const go = useNavigate();
  const { id: templateId, version, builtIn } = template;
  const [platform, setPlatform] = useState(template.platform);
  const [values, setValues] = useState<Record<string, string>>({});
  const connected = usePlatforms();
  const [asked, ask] = useState<'share' | 'remove'>();
  const preview = useQuery(previewQuery({ templateId, appId: app.id, platform, values, version }));
  const writing = useChange(
    () => api.templates.use({ templateId, appId: app.id, platforms: [...new Set([platform, ...connected])], values }),
    {
      refreshes: [templatesKey, ['posts']],
      after: ({ id: postId }) => void go({ to: '/compose/$postId', params: { postId } }),
    },
  );
  const removing = useChange(api.templates.remove, { refreshes: [templatesKey], after: () => ask(undefined) });
  return (
    <Card
      title={template.name}
      sub={subOf(template)}
      action={
        <div className="template-do">
          {!builtIn && (
            <IconButton label={`Edit ${template.name}`} onClick={onEdit}>
              <PenLine size={15} />
            </IconButton>
          )}
          <IconButton label={`Copy ${template.name}`} onClick={onCopy}>
            <Copy size={15} />
          </IconButton>
          <IconButton label={`Share ${template.name}`} onClick={() => ask('share')}>
            <Share2 size={15} />
          </IconButton>
          <IconButton label={`Remove ${template.name}`} onClick={() => ask('remove')}>
            <Trash2 size={15} />
          </IconButton>
        </div>
      }
      padded
    >
      <div className="template">
        <Filled query={preview} platform={platform} onPlatform={setPlatform} />
        <ValueFields template={template} values={values} missing={preview.data?.missing ?? []} onValues={setValues} />
        <Performance template={template} results={results} />
        {writing.error && <ErrorNotice title="No post was made" error={writing.error} />}
        <footer>
          <Button
            look="primary"
            busy={writing.isPending}
            disabled={!preview.data || preview.isError}
            onClick={() => writing.mutate(undefined)}
          >
            Write a post from this
          </Button>
        </footer>
      </div>
      {asked === 'share' && <ShareDialog template={template} onClose={() => ask(undefined)} />}
      <ConfirmDialog
        opened={asked === 'remove'}
        title={`Remove ${template.name}`}
        confirm="Remove template"
        busy={removing.isPending}
        error={removing.error}
        onConfirm={() => removing.mutate({ templateId })}
        onClose={() => ask(undefined)}
      >
        <p>It is not offered any more, and its links end. Posts made from it stay as they are.</p>
      </ConfirmDialog>
    </Card>
  );
}

function subOf({ builtIn, importedFrom, version, parts, suits }: Template): string {
  const origin = builtIn ? 'built in' : importedFrom ? `from ${importedFrom}` : `your own, version ${version}`;
  const thread = parts.length > 1 ? `thread of ${counted(parts.length, 'post')}, ` : '';
  return `${thread}${origin}${suits ? ', suits your category' : ''}`;
}
