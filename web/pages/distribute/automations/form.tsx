import { Modal } from '@mantine/core';
import { useForm } from '@mantine/form';
import { type ReactNode, useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Fields } from './fields.tsx';
import { Preview } from './preview.tsx';
import { type Automation, automationsKey, type Kind, type RuleInput } from './queries.ts';
import { ruleOf, type Values, valuesOf } from './values.ts';
import { kinds } from './words.ts';

/** A new rule: first what it is about, then its fields. */
export function NewRule({ appId, onClose }: { appId: string; onClose: () => void }) {
  const [kind, setKind] = useState<Kind>();
  return (
    <Frame title={kind ? kinds[kind].label : 'New rule'} onClose={onClose}>
      {kind ? (
        <RuleForm appId={appId} kind={kind} onBack={() => setKind(undefined)} onClose={onClose} />
      ) : (
        <ul className="rule-kinds">
          {(Object.keys(kinds) as Kind[]).map((each) => {
            const { label, about, icon: Icon } = kinds[each];
            return (
              <li key={each}>
                <button type="button" className="rule-kind" onClick={() => setKind(each)}>
                  <Icon size={16} strokeWidth={1.75} aria-hidden="true" />
                  <span>
                    {label}
                    <span className="sub">{about}</span>
                  </span>
                </button>
              </li>
            );
          })}
        </ul>
      )}
    </Frame>
  );
}

export function EditRule({ automation, onClose }: { automation: Automation; onClose: () => void }) {
  return (
    <Frame title={automation.name} onClose={onClose}>
      <RuleForm appId={automation.appId} kind={automation.rule.kind} known={automation} onClose={onClose} />
    </Frame>
  );
}

function Frame({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      centered
      size={600}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      {children}
    </Modal>
  );
}

function RuleForm({
  appId,
  kind,
  known,
  onBack,
  onClose,
}: {
  appId: string;
  kind: Kind;
  known?: Automation;
  onBack?: () => void;
  onClose: () => void;
}) {
  const form = useForm<Values>({
    initialValues: known ? valuesOf(kind, known) : { ...valuesOf(kind), name: kinds[kind].label },
    validate: {
      name: (value) => (value.trim() ? null : 'Give it a name'),
      text: (value) => (hasText(kind) && !value.trim() ? 'Write the text' : null),
      feedUrl: (value) => (kind === 'rss_to_draft' && !URL.canParse(value.trim()) ? 'Begin with https://' : null),
      repository: (value) => (kind === 'release_to_draft' && !value.includes('/') ? 'Write it as owner/name' : null),
      platforms: (value) => (value.length > 0 ? null : 'Choose at least one'),
      confirmed: (value) => (kind === 'auto_delete' && !value ? 'Confirm that posts are deleted for good' : null),
    },
  });
  const [tried, setTried] = useState<{ accountId: string | null; rule: RuleInput }>();
  const options = { refreshes: [automationsKey], after: onClose };
  const creating = useChange(api.automations.create, {
    ...options,
    says: 'The rule is saved. It begins when you switch it on.',
  });
  const updating = useChange(api.automations.update, { ...options, says: 'Saved' });
  const saving = known ? updating : creating;
  const wanted = (values: Values) => ({ accountId: values.accountId || null, rule: ruleOf(kind, values) });
  return (
    <form
      className="stack"
      noValidate
      onSubmit={form.onSubmit((values) => {
        const name = values.name.trim();
        if (known) updating.mutate({ automationId: known.id, name, ...wanted(values) });
        else creating.mutate({ appId, name, ...wanted(values) });
      })}
    >
      <Fields kind={kind} form={form} />
      {tried && <Preview {...(known ? { automationId: known.id } : {})} appId={appId} {...tried} />}
      {saving.error && <ErrorNotice title="Not saved" error={saving.error} />}
      <div className="dialog-actions">
        {onBack && <Button onClick={onBack}>Back</Button>}
        <Button onClick={() => !form.validate().hasErrors && setTried(wanted(form.getValues()))}>
          Show what it would do
        </Button>
        <Button type="submit" look="primary" busy={saving.isPending}>
          {known ? 'Save' : 'Save rule'}
        </Button>
      </div>
    </form>
  );
}

function hasText(kind: Kind): boolean {
  return kind === 'auto_plug' || kind === 'rss_to_draft' || kind === 'release_to_draft';
}
