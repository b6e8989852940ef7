import { Modal, NativeSelect, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { campaignsQuery } from '#web/queries.ts';
import { dayIn, instantIn, timeIn } from '#web/zone.ts';
import { channelsKey, channelsQuery, type Link, linksKey } from './queries.ts';

const utm = [
  ['utmSource', 'Source', 'newsletter'],
  ['utmMedium', 'Medium', 'email'],
  ['utmCampaign', 'Campaign', 'launch'],
  ['utmContent', 'Content', 'button'],
  ['utmTerm', 'Term', ''],
] as const;

/** A new link, or, given one, its destination, parameters, channel and end. */
export function LinkForm({
  appId,
  link,
  channelId,
  onClose,
  onMade,
}: {
  appId: string;
  link?: Link;
  /** The channel a new link belongs to. */
  channelId?: string;
  onClose: () => void;
  onMade?: (linkId: string) => void;
}) {
  const { timeZone } = useHouse();
  const channels = useQuery(channelsQuery(appId));
  const campaigns = useQuery(campaignsQuery(appId));
  const [more, setMore] = useState(Boolean(link?.utmSource || link?.utmCampaign || link?.expiresAt));
  const form = useForm({
    initialValues: {
      destination: link?.destination ?? '',
      code: '',
      channelId: link?.channel?.id ?? channelId ?? '',
      campaignId: link?.campaign?.id ?? '',
      expiresAt: link?.expiresAt ? `${dayIn(link.expiresAt, timeZone)}T${timeIn(link.expiresAt, timeZone)}` : '',
      fallbackUrl: link?.fallbackUrl ?? '',
      ...Object.fromEntries(utm.map(([key]) => [key, link?.[key] ?? ''])),
    } as Record<string, string>,
    validate: {
      destination: (value) => (/^https?:\/\/\S+$/.test(value?.trim() ?? '') ? null : 'An address with https://'),
      code: (value) => (value && !/^[A-Za-z0-9_-]{2,64}$/.test(value) ? 'Two or more letters, digits, - or _' : null),
      fallbackUrl: (value) =>
        value && !/^https?:\/\/\S+$/.test(value.trim()) ? 'An address with https://, or leave it empty' : null,
    },
  });
  const saving = useChange(
    async (values: Record<string, string>) => {
      const { destination = '', code, expiresAt, ...rest } = values;
      const told = {
        destination: destination.trim(),
        expiresAt: expiresAt
          ? instantIn(expiresAt.slice(0, 10), expiresAt.slice(11, 16), timeZone).toISOString()
          : null,
        ...Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, value.trim() || null])),
      };
      return link
        ? await api.links.update({ linkId: link.id, ...told })
        : await api.links.create({ appId, ...told, ...(code ? { code } : {}) });
    },
    {
      refreshes: [linksKey, channelsKey],
      says: link ? 'Link saved' : 'Link made',
      after: ({ id }) => {
        onClose();
        onMade?.(id);
      },
    },
  );
  const choices = (all: readonly { id: string; name: string }[] | undefined, none: string) => [
    { value: '', label: none },
    ...(all ?? []).map(({ id, name }) => ({ value: id, label: name })),
  ];
  return (
    <Modal
      opened
      onClose={onClose}
      title={link ? 'Change link' : 'New link'}
      centered
      size={560}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <form className="stack" noValidate onSubmit={form.onSubmit((values) => saving.mutate(values))}>
        <TextInput
          label="Leads to"
          placeholder="https://"
          inputMode="url"
          data-autofocus
          {...form.getInputProps('destination')}
        />
        {!link && (
          <TextInput
            label="Code"
            description="The last part of the link. Left empty, a short one is made up."
            placeholder="talk"
            autoCapitalize="off"
            {...form.getInputProps('code')}
          />
        )}
        <div className="pair">
          <NativeSelect
            label="Channel"
            data={choices(channels.data?.channels, 'None')}
            {...form.getInputProps('channelId')}
          />
          <NativeSelect label="Campaign" data={choices(campaigns.data, 'None')} {...form.getInputProps('campaignId')} />
        </div>
        {!more && (
          <Button look="quiet" size="small" className="link-more" onClick={() => setMore(true)}>
            UTM parameters and an end
          </Button>
        )}
        {more && (
          <>
            <fieldset className="link-group">
              <legend>UTM parameters</legend>
              <div className="pair">
                {utm.map(([key, label, example]) => (
                  <TextInput key={key} label={label} placeholder={example} {...form.getInputProps(key)} />
                ))}
              </div>
            </fieldset>
            <div className="pair">
              <TextInput
                label="Ends"
                description={`In ${timeZone}; empty, it never ends`}
                type="datetime-local"
                {...form.getInputProps('expiresAt')}
              />
              <TextInput
                label="Leads to after its end"
                description="Empty, a page says that it has ended"
                placeholder="https://"
                {...form.getInputProps('fallbackUrl')}
              />
            </div>
          </>
        )}
        {saving.error && <ErrorNotice title="Not saved" error={saving.error} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={saving.isPending}>
            {link ? 'Save link' : 'Make link'}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
