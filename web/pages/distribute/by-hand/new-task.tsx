import { Modal, Select, Textarea, TextInput } from '@mantine/core';
import { DatePickerInput, TimeInput } from '@mantine/dates';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { dayIn, instantIn, timeIn } from '#web/zone.ts';
import { pagesQuery } from './queries.ts';

/** Prepares a post that is in no plan yet. From a post it is done in the composer. */
export function NewTaskDialog({ appId, onClose }: { appId: string; onClose: () => void }) {
  const { timeZone: zone } = useHouse();
  const { data: pages } = useQuery(pagesQuery);
  const soon = Date.now() + 3_600_000;
  const [platform, setPlatform] = useState('hackernews');
  const [title, setTitle] = useState('');
  const [text, setText] = useState('');
  const [url, setUrl] = useState('');
  const [day, setDay] = useState(dayIn(soon, zone));
  const [time, setTime] = useState(timeIn(soon, zone));
  const create = useChange(
    () =>
      api.assisted.create({
        appId,
        platform,
        title,
        dueAt: instantIn(day, time, zone).toISOString(),
        ...(text.trim() ? { text } : {}),
        ...(url.trim() ? { url: url.trim() } : {}),
      }),
    { refreshes: [['assisted']], after: onClose },
  );
  const tip = pages?.find((page) => page.id === platform)?.tip;
  return (
    <Modal
      opened
      onClose={onClose}
      title="A post to send by hand"
      centered
      size={460}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate(undefined);
        }}
      >
        <Select
          label="Where"
          data={(pages ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          value={platform}
          allowDeselect={false}
          onChange={(chosen) => chosen && setPlatform(chosen)}
          description={tip}
        />
        <TextInput
          label="Title"
          required
          maxLength={300}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <Textarea
          label="Text"
          description="Write {{link}} where the link goes."
          autosize
          minRows={3}
          maxRows={12}
          maxLength={10_000}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <TextInput
          label="The page it is about"
          description="Left empty, your app’s own page."
          placeholder="https://"
          inputMode="url"
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
        />
        <div className="pair">
          <DatePickerInput
            label="Day"
            value={day}
            minDate={dayIn(Date.now(), zone)}
            valueFormat="D MMM YYYY"
            popoverProps={{ withinPortal: true }}
            onChange={(chosen) => chosen && setDay(chosen)}
          />
          <TimeInput
            label="Time"
            value={time}
            onChange={(event) => /^\d\d:\d\d$/.test(event.currentTarget.value) && setTime(event.currentTarget.value)}
          />
        </div>
        {create.error && <ErrorNotice title="It was not prepared" error={create.error} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={create.isPending} disabled={title.trim() === ''}>
            Prepare
          </Button>
        </div>
      </form>
    </Modal>
  );
}
