import '#web/styles/measure.css';
import './templates/templates.css';
import { useQuery } from '@tanstack/react-query';
import { Plus, Upload } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useAddress } from '#web/address.ts';
import { useApp } from '#web/app.tsx';
import { counted } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Page } from '#web/parts/page.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { ZoneNote } from '#web/parts/zone-note.tsx';
import { resultsQuery, type Template, templatesQuery } from './templates/queries.ts';
import { TemplateCard } from './templates/template-card.tsx';
import { isKind, kinds, kindWords } from './templates/words.ts';

const Editor = lazy(() => import('./templates/editor.tsx').then((file) => ({ default: file.Editor })));
const ImportDialog = lazy(() =>
  import('./templates/import-dialog.tsx').then((file) => ({ default: file.ImportDialog })),
);

type Open = { what: 'import' } | { what: 'editor'; template?: Template; copy?: boolean };

/** Patterns for posts by kind: filled from what is known of the app, with what their posts brought. */
export function TemplatesPage() {
  const app = useApp();
  const templates = useQuery(templatesQuery(app.id));
  const results = useQuery(resultsQuery(app.id));
  const [asked, setKind] = useAddress('kind', null);
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  return (
    <Page
      title="Templates"
      intro="Ten kinds of posts, filled from what is known of your app. Every sentence of a fact keeps its evidence."
      actions={
        <>
          <Button onClick={() => setOpen({ what: 'import' })}>
            <Upload size={15} aria-hidden="true" />
            Bring one in
          </Button>
          <Button look="primary" onClick={() => setOpen({ what: 'editor' })}>
            <Plus size={15} aria-hidden="true" />
            New template
          </Button>
        </>
      }
    >
      <Loaded query={templates} title="The templates did not load" skeleton={<SkeletonCard height={420} />}>
        {(all) => {
          const kind = isKind(asked) ? asked : (all[0]?.kind ?? 'launch_announcement');
          const shown = all.filter((template) => template.kind === kind);
          return (
            <div className="stack" data-gap="large">
              {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is a form's, this switches a view. */}
              <div className="template-kinds" role="group" aria-label="Kind">
                {kinds.map((one) => (
                  <button key={one} type="button" aria-pressed={one === kind} onClick={() => setKind(one)}>
                    {kindWords[one]}
                    <span className="num">{all.filter((template) => template.kind === one).length}</span>
                  </button>
                ))}
              </div>
              {results.data?.missing && <p className="sub">{results.data.missing}</p>}
              {results.data && !results.data.missing && (
                <p className="sub">
                  Compared by visits in the first seven days, over{' '}
                  {counted(results.data.measuredPosts, 'measured post')} of the last half year
                  {results.data.visitsPerPost !== null && `, ${results.data.visitsPerPost.toFixed(1)} visits each`}.
                </p>
              )}
              {shown.length === 0 ? (
                <div className="card">
                  <EmptyState title={`No template for ${kindWords[kind].toLowerCase()}`} ghost={false}>
                    The ones there were have been removed. Make one, or bring one in from a file or a link.
                  </EmptyState>
                </div>
              ) : (
                <div className="template-grid">
                  {shown.map((template) => (
                    <TemplateCard
                      key={template.id}
                      template={template}
                      results={results}
                      onEdit={() => setOpen({ what: 'editor', template })}
                      onCopy={() => setOpen({ what: 'editor', template, copy: true })}
                    />
                  ))}
                </div>
              )}
              {results.data && <ZoneNote zone={results.data.timeZone} />}
            </div>
          );
        }}
      </Loaded>
      <Suspense fallback={null}>
        {open?.what === 'editor' && (
          <Editor
            {...(open.template ? { template: open.template } : {})}
            copy={open.copy ?? false}
            kind={isKind(asked) ? asked : undefined}
            onClose={close}
            onSaved={(kind) => {
              setKind(kind);
              close();
            }}
          />
        )}
        {open?.what === 'import' && <ImportDialog onClose={close} />}
      </Suspense>
    </Page>
  );
}
