import { NativeSelect, Textarea, TextInput } from '@mantine/core';
import { X } from 'lucide-react';
import { IconButton } from '#web/parts/button.tsx';
import type { Template } from './queries.ts';

export type Wording = Template['wordings'][number];

const BETWEEN = '\n\n';

/** The words for single platforms, where those of the template would be out of place. */
export function WordingFields({
  wordings,
  platforms,
  onChange,
}: {
  wordings: Wording[];
  /** Those the template itself is not written for; `title`: it has a headline. */
  platforms: { id: string; name: string; title: boolean }[];
  onChange: (wordings: Wording[]) => void;
}) {
  const free = platforms.filter(({ id }) => !wordings.some((one) => one.platform === id));
  const set = (platform: string, to: Partial<Wording>) =>
    onChange(wordings.map((one) => (one.platform === platform ? { ...one, ...to } : one)));
  return (
    <fieldset className="template-variables">
      <legend>Words for single platforms</legend>
      <p className="sub">Where nothing is said here, a platform takes the text above.</p>
      {wordings.map(({ platform, title, parts }) => {
        const about = platforms.find(({ id }) => id === platform);
        const name = about?.name ?? platform;
        return (
          <div className="template-part" key={platform}>
            <div className="stack" data-gap="small">
              {(about?.title || title) && (
                <TextInput
                  label={`Headline on ${name}`}
                  maxLength={300}
                  value={title}
                  onChange={(event) => set(platform, { title: event.currentTarget.value })}
                />
              )}
              <Textarea
                label={`Text on ${name}`}
                autosize
                minRows={3}
                maxLength={5000}
                value={parts.join(BETWEEN)}
                onChange={(event) => set(platform, { parts: [event.currentTarget.value] })}
                required
              />
            </div>
            <IconButton
              label={`Remove the words for ${name}`}
              onClick={() => onChange(wordings.filter((one) => one.platform !== platform))}
            >
              <X size={15} />
            </IconButton>
          </div>
        );
      })}
      {free.length > 0 && (
        <NativeSelect
          aria-label="Add words for a platform"
          value=""
          onChange={(event) => onChange([...wordings, { platform: event.currentTarget.value, title: '', parts: [''] }])}
          data={[
            { value: '', label: 'Add words for a platform' },
            ...free.map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
      )}
    </fieldset>
  );
}
