import { Checkbox, MultiSelect, NativeSelect, NumberInput, Textarea, TextInput } from '@mantine/core';
import type { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { platformsQuery } from '#web/pages/people/settings/account-queries.ts';
import { accountsQuery } from '#web/queries.ts';
import type { Kind } from './queries.ts';
import type { Values } from './values.ts';
import { metricWords } from './words.ts';

type Form = Pick<ReturnType<typeof useForm<Values>>, 'getInputProps' | 'values'>;

/** The fields of one kind of rule. */
export function Fields({ kind, form }: { kind: Kind; form: Form }) {
  const feed = kind === 'rss_to_draft' || kind === 'release_to_draft';
  return (
    <>
      <div className="pair">
        <TextInput label="Name" maxLength={200} data-autofocus {...form.getInputProps('name')} />
        <Whole
          label={feed ? 'Drafts in 24 hours, at most' : 'Times in 24 hours, at most'}
          name="perDay"
          form={form}
          max={50}
        />
      </div>
      {feed ? <FeedFields kind={kind} form={form} /> : <PostFields kind={kind} form={form} />}
    </>
  );
}

function PostFields({ kind, form }: { kind: Kind; form: Form }) {
  const weak = kind === 'auto_archive' || kind === 'auto_delete';
  const byMedian = kind === 'auto_repost' && form.values.mode === 'median';
  return (
    <>
      <div className="pair">
        <Accounts kind={kind} form={form} />
        <NativeSelect
          label="Number"
          description="Of the post’s first part"
          data={Object.entries(metricWords).map(([value, label]) => ({ value, label }))}
          {...form.getInputProps('metric')}
        />
      </div>
      {kind === 'auto_repost' && (
        <NativeSelect
          label="When"
          data={[
            { value: 'number', label: 'it reaches a number' },
            { value: 'median', label: 'it does better than the account’s other posts at the same age' },
          ]}
          {...form.getInputProps('mode')}
        />
      )}
      <div className="pair">
        {weak ? (
          <Whole label="Below" name="below" form={form} />
        ) : byMedian ? (
          <NumberInput
            label="Times the median"
            description="Of at least five other posts"
            min={1}
            max={100}
            decimalScale={1}
            hideControls
            {...form.getInputProps('timesMedian')}
          />
        ) : (
          <Whole label="At least" name="atLeast" form={form} />
        )}
        {weak ? (
          <Whole label="After days" name="afterDays" form={form} max={28} />
        ) : (
          <Whole label="Within days" name="withinDays" form={form} max={28} />
        )}
        {kind === 'auto_repost' && (
          <Whole label={byMedian ? 'Judged after hours' : 'Not before hours'} name="afterHours" form={form} max={336} />
        )}
      </div>
      {kind === 'auto_plug' && <Words form={form} label="Reply" hint="{{link}} becomes the post’s own tracked link." />}
      {weak && (
        <p className="sub">
          Only posts that reach this age while the rule is on are judged. Older ones are left alone.
        </p>
      )}
      {kind === 'auto_delete' && (
        <Checkbox
          label="Delete these posts from the platform for good. This cannot be taken back."
          {...form.getInputProps('confirmed', { type: 'checkbox' })}
        />
      )}
    </>
  );
}

function FeedFields({ kind, form }: { kind: Kind; form: Form }) {
  const { data: platforms } = useQuery(platformsQuery);
  return (
    <>
      {kind === 'rss_to_draft' ? (
        <TextInput
          label="Address of the feed"
          placeholder="https://your-blog.com/feed.xml"
          description="RSS, Atom or JSON Feed"
          {...form.getInputProps('feedUrl')}
        />
      ) : (
        <TextInput
          label="Repository"
          placeholder="owner/name"
          description="On GitHub, or the whole address on another server. No key is needed."
          {...form.getInputProps('repository')}
        />
      )}
      <MultiSelect
        label="Draft for"
        data={(platforms ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        maxValues={5}
        {...form.getInputProps('platforms')}
      />
      <Words
        form={form}
        label="Text"
        hint={
          kind === 'rss_to_draft'
            ? '{{title}}, {{summary}} and {{link}} are filled in. What is too long becomes a thread.'
            : '{{title}}, {{notes}} and {{link}} are filled in. What is too long becomes a thread.'
        }
      />
      {kind === 'release_to_draft' && (
        <Checkbox
          label="Also pre-releases such as 2.0.0-beta.1"
          {...form.getInputProps('preReleases', { type: 'checkbox' })}
        />
      )}
    </>
  );
}

/** Those whose platform can do it. */
function Accounts({ kind, form }: { kind: Kind; form: Form }) {
  const { data: accounts } = useQuery(accountsQuery);
  const { data: platforms } = useQuery(platformsQuery);
  const able = (accounts ?? []).filter(({ platform }) => {
    const one = platforms?.find(({ id }) => id === platform);
    if (!one?.reads.metrics) return false;
    if (kind === 'auto_plug') return one.limits.threads || one.limits.firstReply;
    if (kind === 'auto_repost') return one.reads.repost;
    return kind === 'auto_archive' || one.reads.remove;
  });
  return (
    <NativeSelect
      label="Account"
      description="Where the platform lets us"
      data={[
        { value: '', label: 'All that can' },
        ...able.map(({ id, handle, platformName }) => ({ value: id, label: `@${handle}, ${platformName}` })),
      ]}
      {...form.getInputProps('accountId')}
    />
  );
}

function Whole({
  label,
  name,
  form,
  max = 1_000_000_000,
}: {
  label: string;
  name: 'perDay' | 'atLeast' | 'below' | 'withinDays' | 'afterDays' | 'afterHours';
  form: Form;
  max?: number;
}) {
  return (
    <NumberInput label={label} min={1} max={max} allowDecimal={false} hideControls {...form.getInputProps(name)} />
  );
}

function Words({ form, label, hint }: { form: Form; label: string; hint: string }) {
  return (
    <Textarea label={label} description={hint} autosize minRows={3} maxRows={10} {...form.getInputProps('text')} />
  );
}
