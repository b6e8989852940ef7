import { Modal, NumberInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { linksKey } from '#web/pages/distribute/links/queries.ts';
import { minorOf, unitOf } from '#web/pages/plan/strategy/campaign-form.tsx';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { type Affiliate, affiliatesKey } from './queries.ts';

/** A new affiliate, or another rule for one. Money is typed in whole units and kept in minor ones. */
export function AffiliateForm({
  appId,
  affiliate,
  onClose,
}: {
  appId: string;
  affiliate?: Affiliate;
  onClose: () => void;
}) {
  const { currency: own } = useHouse();
  const currency = affiliate?.fixed?.currency ?? own;
  const unit = unitOf(currency);
  const form = useForm({
    initialValues: {
      name: affiliate?.name ?? '',
      email: affiliate?.email ?? '',
      code: affiliate?.code ?? '',
      by: (affiliate?.fixed ? 'fixed' : 'percent') as string,
      percent: (affiliate?.percent ?? 25) as number | string,
      fixed: (affiliate?.fixed ? Number(affiliate.fixed.minor) / unit : '') as number | string,
      months: (affiliate ? (affiliate.months ?? '') : 12) as number | string,
    },
    validate: {
      name: (value) => (value.trim() ? null : 'Type a name'),
      email: (value) => (value && !/^\S+@\S+\.\S+$/.test(value) ? 'An e-mail address, or leave it empty' : null),
      code: (value) => (/^[A-Za-z0-9_-]{2,40}$/.test(value) ? null : 'Two or more letters, digits, - or _'),
      percent: (value, { by }) =>
        by === 'percent' && !(Number(value) > 0 && Number(value) <= 100) ? 'More than 0, at most 100' : null,
      fixed: (value, { by }) => (by === 'fixed' && !(Number(value) > 0) ? 'More than 0' : null),
    },
  });
  const saving = useChange(
    async (values: typeof form.values) => {
      const told = {
        name: values.name.trim(),
        email: values.email.trim() || null,
        months: values.months === '' ? null : Number(values.months),
        rule:
          values.by === 'percent'
            ? { percent: Number(values.percent) }
            : { fixed: { minor: minorOf(values.fixed, unit), currency } },
      };
      if (affiliate) await api.affiliates.update({ affiliateId: affiliate.id, ...told });
      else await api.affiliates.add({ appId, code: values.code, ...told });
    },
    { refreshes: [affiliatesKey, linksKey], says: affiliate ? 'Affiliate saved' : 'Affiliate added', after: onClose },
  );
  return (
    <Modal
      opened
      onClose={onClose}
      title={affiliate ? 'Change affiliate' : 'New affiliate'}
      centered
      size={520}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <form className="stack" noValidate onSubmit={form.onSubmit((values) => saving.mutate(values))}>
        <div className="pair">
          <TextInput label="Name" maxLength={120} data-autofocus {...form.getInputProps('name')} />
          <TextInput
            label="E-mail"
            description="A payment from it is held"
            type="email"
            {...form.getInputProps('email')}
          />
        </div>
        <TextInput
          label="Code"
          description="Also the last part of their link"
          placeholder="nadia"
          autoCapitalize="off"
          disabled={affiliate !== undefined}
          {...form.getInputProps('code')}
        />
        <Segmented
          label="How the commission is worked out"
          value={form.values.by}
          onChange={(by) => form.setFieldValue('by', by)}
          options={[
            { value: 'percent', label: 'Share of each payment' },
            { value: 'fixed', label: 'Fixed amount' },
          ]}
        />
        <div className="pair">
          {form.values.by === 'percent' ? (
            <NumberInput
              label="Share, %"
              description="Of what is left after tax and refunds"
              min={0}
              max={100}
              decimalScale={2}
              hideControls
              {...form.getInputProps('percent')}
            />
          ) : (
            <NumberInput
              label={`For each payment, ${currency}`}
              description="As long as it is not refunded"
              min={0}
              hideControls
              {...form.getInputProps('fixed')}
            />
          )}
          <NumberInput
            label="Months"
            description="From a customer’s first payment; empty, all"
            min={1}
            max={120}
            allowDecimal={false}
            hideControls
            {...form.getInputProps('months')}
          />
        </div>
        {affiliate && <p className="sub">Another rule counts for payments that are not written down yet.</p>}
        {saving.error && <ErrorNotice title="Not saved" error={saving.error} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={saving.isPending}>
            {affiliate ? 'Save affiliate' : 'Add affiliate'}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
