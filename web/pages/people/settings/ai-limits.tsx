import { Checkbox, NumberInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { day } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice, Notice } from '#web/parts/error-notice.tsx';
import { type Ai, aiQuery, classNames } from './ai-queries.ts';

type DataClass = Ai['mayLeave'][number];
const classes = Object.keys(classNames) as DataClass[];

/** What a model may cost, what it charges, and what may be sent to it. */
export function LimitsCard({ ai }: { ai: Ai }) {
  const own = ai.price?.source === 'own' ? ai.price.tokens : null;
  const form = useForm({
    initialValues: {
      budget: dollarsOf(ai.monthlyBudgetMicros),
      input: dollarsOf(own?.inputMicros),
      output: dollarsOf(own?.outputMicros),
      mayLeave: ai.mayLeave as string[],
    },
    validate: {
      output: (value, { input }) => ((value === '') === (input === '') ? null : 'Fill in both prices, or neither'),
    },
  });
  const saving = useChange(api.ai.limits, { refreshes: [aiQuery.queryKey], says: 'Limits saved' });
  const noPrice = ai.monthlyBudgetMicros !== null && ai.price?.source === 'unknown';
  return (
    <Card title="Limits" padded>
      <form
        className="form"
        noValidate
        onSubmit={form.onSubmit(({ budget, input, output, mayLeave }) =>
          saving.mutate({
            monthlyBudgetMicros: microsOf(budget),
            mayLeave: classes.filter((one) => mayLeave.includes(one)),
            ...(ai.model
              ? {
                  price:
                    input === '' || output === ''
                      ? null
                      : { inputMicros: microsOf(input) ?? 0, outputMicros: microsOf(output) ?? 0 },
                }
              : {}),
          }),
        )}
      >
        {noPrice && (
          <Notice title="The budget stops every call" tone="warn">
            The price of {ai.model} is not known, so no budget can be kept. Fill in its price below, or empty the
            budget.
          </Notice>
        )}
        <NumberInput
          label="Budget a month"
          description="In US dollars, by UTC. The most a call can cost is set aside before it is made. At the limit, the built-in analysis takes over. Empty: no limit."
          min={0}
          decimalScale={2}
          prefix="$"
          hideControls
          {...form.getInputProps('budget')}
        />
        {ai.model && (
          <>
            <div className="pair">
              <NumberInput
                label="Price of a million input tokens"
                min={0}
                decimalScale={4}
                prefix="$"
                hideControls
                placeholder={placeholder(ai, 'inputMicros')}
                {...form.getInputProps('input')}
              />
              <NumberInput
                label="Price of a million output tokens"
                min={0}
                decimalScale={4}
                prefix="$"
                hideControls
                placeholder={placeholder(ai, 'outputMicros')}
                {...form.getInputProps('output')}
              />
            </div>
            <p className="sub">{priceWords(ai)}</p>
          </>
        )}
        <Checkbox.Group
          label="What may be sent to a model"
          description="Nothing else leaves, whatever asks for it. Without any, the built-in analysis does the work."
          {...form.getInputProps('mayLeave')}
        >
          {classes.map((one) => (
            <Checkbox key={one} mt="xs" value={one} label={classNames[one][0]} description={classNames[one][1]} />
          ))}
        </Checkbox.Group>
        {saving.error && <ErrorNotice title="Not saved" error={saving.error} />}
        <div className="form-foot">
          <Button type="submit" look="primary" busy={saving.isPending}>
            Save limits
          </Button>
        </div>
      </form>
    </Card>
  );
}

function priceWords({ price, model, pricesAsOf }: Ai): string {
  switch (price?.source) {
    case 'own':
      return `Your own price for ${model}. Empty both fields to go by the list of ${day(pricesAsOf)}.`;
    case 'local':
      return `${model} runs on your own machine or network and costs nothing by the token.`;
    case 'list':
      return `By the price list of ${day(price.asOf ?? pricesAsOf)}. Fill in your own price if it has changed.`;
    default:
      return `The price of ${model} is not in the list of ${day(pricesAsOf)}: its calls are counted, not their cost.`;
  }
}

function placeholder({ price }: Ai, which: 'inputMicros' | 'outputMicros'): string {
  return price?.tokens ? `$${price.tokens[which] / 1e6}` : 'Not known';
}

function dollarsOf(micros: number | null | undefined): number | '' {
  return micros == null ? '' : micros / 1e6;
}

function microsOf(dollars: number | string): number | null {
  return dollars === '' ? null : Math.round(Number(dollars) * 1e6);
}
