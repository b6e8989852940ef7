import { Modal, Switch } from '@mantine/core';
import { useState } from 'react';
import { commandKey, singleKeysOn, switchSingleKeys } from './keys.ts';
import { keysOf, places } from './nav.ts';
import { useWords } from './words.ts';

/** Every key that does something, and a switch for the single ones. */
export function KeysHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { say } = useWords();
  const [on, setOn] = useState(singleKeysOn);
  const rows: [string, string[]][] = [
    [say('shell.find'), [`${commandKey()}K`]],
    [say('shell.newPost'), ['C']],
    ...places.map((place): [string, string[]] => [say(place.label), keysOf(place)]),
    [say('keys.schedule'), [`${commandKey()}⏎`]],
    [say('keys.move'), ['Alt', '← →']],
    [say('keys.list'), ['?']],
  ];
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={say('keys.title')}
      centered
      size={420}
      closeButtonProps={{ 'aria-label': say('shell.close') }}
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
        label={say('keys.single')}
        checked={on}
        onChange={(event) => {
          switchSingleKeys(event.currentTarget.checked);
          setOn(event.currentTarget.checked);
        }}
      />
    </Modal>
  );
}
