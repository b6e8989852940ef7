import { TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { api } from '#web/api.ts';
import { workspaceQuery } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice, Notice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';

type Shown = Awaited<ReturnType<typeof api.links.domain>>;

const domainQuery = { queryKey: ['links', 'domain'], queryFn: () => api.links.domain({}) } as const;

/** The short domain of tracked links: which it is, what its DNS needs, whether it leads here. */
export function LinkDomain() {
  const domain = useQuery(domainQuery);
  return (
    <Card title="Short domain for links" padded>
      <Loaded query={domain} title="The domain did not load">
        {(shown) => <DomainForm key={shown.domain} shown={shown} />}
      </Loaded>
    </Card>
  );
}

function DomainForm({ shown }: { shown: Shown }) {
  const form = useForm({
    initialValues: { domain: shown.domain ?? '' },
    validate: {
      domain: (value) =>
        value && !/^(?=.*[a-z])[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(value.trim())
          ? 'A name such as go.example.com, without https://'
          : null,
    },
  });
  const saving = useChange(
    ({ domain }: { domain: string }) => api.workspaces.update({ linkDomain: domain.trim().toLowerCase() || null }),
    { refreshes: [['links'], workspaceQuery.queryKey], says: 'Short domain saved' },
  );
  const checking = useChange(() => api.links.domain({ check: true }), { refreshes: [] });
  const check = checking.data?.check;
  return (
    <form className="form" noValidate onSubmit={form.onSubmit((values) => saving.mutate(values))}>
      <TextInput
        label="Domain"
        description={`Links now look like this: ${shown.example}`}
        placeholder="go.example.com"
        autoCapitalize="off"
        spellCheck={false}
        {...form.getInputProps('domain')}
      />
      <ol className="how">
        {shown.instructions.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      {saving.error && <ErrorNotice title="Not saved" error={saving.error} />}
      {checking.error && <ErrorNotice title="Not checked" error={checking.error} />}
      {check && (
        <Notice
          title={check.leadsHere ? 'It leads here' : 'It does not lead here yet'}
          tone={check.leadsHere ? undefined : 'warn'}
        >
          {check.message}
        </Notice>
      )}
      <div className="form-foot">
        <Button type="submit" look="primary" busy={saving.isPending} disabled={!form.isDirty()}>
          Save domain
        </Button>
        {shown.domain && (
          <Button busy={checking.isPending} onClick={() => checking.mutate(undefined)}>
            Check
          </Button>
        )}
      </div>
    </form>
  );
}
