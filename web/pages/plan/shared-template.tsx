import './templates/templates.css';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { api } from '#web/api.ts';
import { saveFile } from '#web/file.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { useTitle } from '#web/parts/page.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { kindWords } from './templates/words.ts';

/** A template somebody shared: to read without an account, and to take away as a file. */
export function SharedTemplatePage() {
  const { token } = useParams({ from: '/shared-templates/$token' });
  const query = useQuery({ queryKey: ['shared-template', token], queryFn: () => api.templates.shared({ token }) });
  const file = query.data;
  useTitle(file?.name ?? 'Shared template');
  return (
    <div className="alone">
      <main id="content" className="shared-template">
        <h1>{file ? file.name : query.error ? 'There is nothing to see here' : 'Shared template'}</h1>
        <p>{file ? kindWords[file.kind] : 'A pattern for posts'}</p>
        {query.isPending && <SkeletonLines lines={5} />}
        {query.error && (
          <ErrorNotice title="The template did not load" error={query.error} onRetry={() => void query.refetch()} />
        )}
        {file && (
          <div className="stack">
            {file.parts.map((part, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a template that does not change here.
              <p className="card shared-template-part" key={index}>
                {part}
              </p>
            ))}
            <p className="sub">
              To use it, copy the address of this page and choose “Bring one in” under Templates in your own Fanfare, or
              save the file.
            </p>
            <Button
              look="primary"
              onClick={() =>
                saveFile(
                  `${file.name}.template.json`,
                  new Blob([`${JSON.stringify(file, null, 2)}\n`], { type: 'application/json' }),
                )
              }
            >
              Save as file
            </Button>
          </div>
        )}
      </main>
    </div>
  );
}
