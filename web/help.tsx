import { Modal, Switch } from '@mantine/core';
import { useState } from 'react';
import { commandKey, singleKeysOn, switchSingleKeys } from './keys.ts';
import { keysOf, places } from './nav.ts';

/** Every key that does something, and a switch for the single ones. */
export function KeysHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [on, setOn] = useState(singleKeysOn);
  const rows: [string, string[]][] = [
    ['Search or jump to', [`${commandKey()}K`]],
    ['New post', ['C']],
    ...places.map((place): [string, string[]] => [place.label, keysOf(place)]),
    ['Schedule the post being written', [`${commandKey()}⏎`]],
    ['Move a post in the calendar', ['Alt', '← →']],
    ['This list', ['?']],
  ];
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Keyboard shortcuts"
      centered
      size={420}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <dl className="keys-list">
        {rows.map(([what, keys]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <Switch
        mt="md"
        label="Single-key shortcuts"
        checked={on}
        onChange={(event) => {
          switchSingleKeys(event.currentTarget.checked);
          setOn(event.currentTarget.checked);
        }}
      />
    </Modal>
  );
}
