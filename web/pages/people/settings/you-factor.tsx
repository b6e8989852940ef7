import { Modal, PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { beginSecondFactor, endSecondFactor, newRecoveryCodes, verifyCode } from '#web/account.ts';
import { useChange } from '#web/change.ts';
import { saveFile } from '#web/file.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { CopyField } from '#web/parts/copy-field.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { QrCode } from '#web/parts/qr-code.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import { sessionQuery } from '#web/session.ts';

type Wish = 'on' | 'off' | 'codes';

export function SecondFactorCard({ on }: { on: boolean }) {
  const [wish, setWish] = useState<Wish | null>(null);
  return (
    <Card title="Second factor" action={on && <StatusBadge status="connected" word="On" />} padded>
      <div className="stack" data-gap="small">
        <p className="sub">
          {on
            ? 'After your password you are asked for a code of your authenticator app. A passkey needs none: it is two factors by itself.'
            : 'A code from an authenticator app after your password. Somebody who learns the password still does not get in.'}
        </p>
        <div className="form-foot">
          {on ? (
            <>
              <Button onClick={() => setWish('codes')}>Make new recovery codes</Button>
              <Button look="danger" onClick={() => setWish('off')}>
                Switch it off
              </Button>
            </>
          ) : (
            <Button onClick={() => setWish('on')}>
              <ShieldCheck size={15} aria-hidden="true" />
              Switch it on
            </Button>
          )}
        </div>
      </div>
      {wish && <FactorDialog wish={wish} onClose={() => setWish(null)} />}
    </Card>
  );
}

const titles: Record<Wish, string> = {
  on: 'Switch the second factor on',
  off: 'Switch the second factor off',
  codes: 'New recovery codes',
};

/** First the password; then what it opens. */
function FactorDialog({ wish, onClose }: { wish: Wish; onClose: () => void }) {
  const [setup, setSetup] = useState<{ totpURI: string; backupCodes: string[] }>();
  const [codes, setCodes] = useState<string[]>();
  const asking = useChange(
    async (password: string) => {
      if (wish === 'on') setSetup(await beginSecondFactor(password));
      else if (wish === 'codes') setCodes(await newRecoveryCodes(password));
      else await endSecondFactor(password);
    },
    {
      refreshes: wish === 'off' ? [sessionQuery.queryKey] : [],
      ...(wish === 'off' ? { says: 'The second factor is off', after: onClose } : {}),
    },
  );
  return (
    <Modal
      opened
      onClose={onClose}
      title={codes ? 'Your recovery codes' : titles[wish]}
      centered
      size={460}
      closeOnClickOutside={!codes}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      {codes ? (
        <Codes codes={codes} onClose={onClose} />
      ) : setup ? (
        <FirstCode uri={setup.totpURI} onClose={onClose} onDone={() => setCodes(setup.backupCodes)} />
      ) : (
        <AskPassword
          wish={wish}
          busy={asking.isPending}
          error={asking.error}
          onPassword={asking.mutate}
          onClose={onClose}
        />
      )}
    </Modal>
  );
}

function AskPassword({
  wish,
  busy,
  error,
  onPassword,
  onClose,
}: {
  wish: Wish;
  busy: boolean;
  error: unknown;
  onPassword: (password: string) => void;
  onClose: () => void;
}) {
  const form = useForm({
    initialValues: { password: '' },
    validate: { password: (value) => (value ? null : 'Type your password') },
  });
  return (
    <form className="form" noValidate onSubmit={form.onSubmit(({ password }) => onPassword(password))}>
      {wish === 'codes' && <p>The ten codes you have now are good for nothing then.</p>}
      {wish === 'off' && <p>Your password alone signs you in then. The recovery codes are removed too.</p>}
      <PasswordInput
        label="Your password"
        autoComplete="current-password"
        data-autofocus
        visibilityToggleButtonProps={{ 'aria-label': 'Show password' }}
        {...form.getInputProps('password')}
      />
      {error !== null && <ErrorNotice error={error} />}
      <div className="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look={wish === 'off' ? 'danger' : 'primary'} busy={busy}>
          {wish === 'off' ? 'Switch off' : 'Go on'}
        </Button>
      </div>
    </form>
  );
}

function FirstCode({ uri, onDone, onClose }: { uri: string; onDone: () => void; onClose: () => void }) {
  const secret = new URL(uri).searchParams.get('secret') ?? '';
  const form = useForm({
    initialValues: { code: '' },
    validate: { code: (value) => (/^\d{6}$/.test(value.replaceAll(/\s/g, '')) ? null : 'Type the six digits') },
  });
  const confirming = useChange((code: string) => verifyCode(code), {
    refreshes: [sessionQuery.queryKey],
    after: onDone,
  });
  return (
    <form
      className="form"
      noValidate
      onSubmit={form.onSubmit(({ code }) => confirming.mutate(code.replaceAll(/\s/g, '')))}
    >
      <p>Scan this with your authenticator app, or type the key into it.</p>
      <QrCode text={uri} label="QR code for your authenticator app" />
      <CopyField label="key for the app" value={secret} />
      <TextInput
        label="Code that the app shows"
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={9}
        data-autofocus
        {...form.getInputProps('code')}
      />
      {confirming.error && <ErrorNotice title="It is not on yet" error={confirming.error} />}
      <div className="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary" busy={confirming.isPending}>
          Switch on
        </Button>
      </div>
    </form>
  );
}

function Codes({ codes, onClose }: { codes: string[]; onClose: () => void }) {
  const text = codes.join('\n');
  return (
    <div className="stack">
      <p>Each of them signs you in once, when the app is not at hand. They are not shown again: put them away now.</p>
      <ul className="recovery-codes mono">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <CopyField label="recovery codes" value={codes.join(' ')} />
      <div className="dialog-actions">
        <Button onClick={() => saveFile('fanfare-recovery-codes.txt', new Blob([`${text}\n`], { type: 'text/plain' }))}>
          Download
        </Button>
        <Button look="primary" onClick={onClose}>
          I have put them away
        </Button>
      </div>
    </div>
  );
}
