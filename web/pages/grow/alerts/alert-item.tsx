import { Menu } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Bell, CircleAlert, Info } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useAddress } from '#web/address.ts';
import { useHouse } from '#web/app.tsx';
import { dateTime, day, relative } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Spark } from '#web/parts/spark.tsx';
import { type Decisions, delays } from './decide.ts';
import type { Alert } from './queries.ts';
import { deliveryWords, severityWords, targetWords, valueWords } from './words.ts';

const icons = { info: Info, warning: Bell, urgent: CircleAlert } as const;
const tones = { info: undefined, warning: 'warn', urgent: 'neg' } as const;

/** One alert: the sentence, since when, how unusual, what one can do, and below it the rows and who was told. */
export function AlertItem({ alert, decisions }: { alert: Alert; decisions?: Decisions }) {
  const [asked] = useAddress('alert', '');
  const { timeZone } = useHouse();
  const item = useRef<HTMLLIElement>(null);
  const isAsked = asked === alert.id;
  useEffect(() => {
    if (isAsked) item.current?.scrollIntoView({ block: 'center' });
  }, [isAsked]);
  const { id, title, body, usual, advice, severity, path, rows } = alert;
  const Icon = icons[severity];
  const values = rows.flatMap((row) => (row.day !== null && row.value !== null ? [row.value] : []));
  return (
    <li
      ref={item}
      className="alert"
      data-asked={isAsked || undefined}
      data-alert={id}
      tabIndex={decisions ? 0 : undefined}
      aria-label={title}
    >
      <div className="alert-head">
        <span className="tag" data-tone={tones[severity]}>
          <Icon size={12} aria-hidden="true" />
          {severityWords[severity]}
        </span>
        <span className="sub num">{stateWords(alert, timeZone)}</span>
        {values.length > 2 && (
          <span className="alert-spark">
            <Spark values={values} width={96} height={24} />
          </span>
        )}
      </div>
      <h3>{title}</h3>
      <p>{body}</p>
      {usual && <p className="sub">{usual}</p>}
      {advice && <p className="sub">{advice}</p>}
      <div className="alert-foot">
        {decisions && (
          <>
            <Button
              size="small"
              disabled={decisions.isBusy}
              onClick={() => decisions.acknowledge(id)}
              aria-label={`Acknowledge: ${title}`}
            >
              Acknowledge
            </Button>
            <Menu position="bottom-start">
              <Menu.Target>
                <Button size="small" look="quiet" aria-label={`Snooze: ${title}`}>
                  Snooze
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                {delays.map(([words, days]) => (
                  <Menu.Item key={days} onClick={() => decisions.snooze(id, days)}>
                    {words}
                  </Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
            <Button
              size="small"
              look="quiet"
              disabled={decisions.isBusy}
              onClick={() => decisions.mute(id)}
              aria-label={`Mute: ${title}`}
            >
              Mute
            </Button>
          </>
        )}
        {path && (
          <Link to={path} className="link">
            Look closer
          </Link>
        )}
      </div>
      {decisions?.error && <ErrorNotice title="That was not done" error={decisions.error} />}
      <details className="alert-more" open={isAsked || undefined}>
        <summary>Rows and who was told</summary>
        <Rows alert={alert} />
        <Told alert={alert} />
      </details>
    </li>
  );
}

function Rows({ alert: { rows, unit, currency } }: { alert: Alert }) {
  if (rows.length === 0) return null;
  return (
    <div className="alert-table">
      <table>
        <thead>
          <tr>
            <th scope="col">Row</th>
            <th scope="col">Day</th>
            <th scope="col">Value</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ label, day: on, value, rowId }) => (
            <tr key={`${label} ${on} ${rowId}`}>
              <td>{label}</td>
              <td className="num">{on ? day(on) : ''}</td>
              <td className="num">{value === null ? '' : valueWords(value, unit, currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Told({ alert: { deliveries } }: { alert: Alert }) {
  if (deliveries.length === 0) return <p className="sub">Nobody was told: there was no place to tell.</p>;
  return (
    <ul className="alert-told">
      {deliveries.map(({ targetId, targetKind, address, state, kind, reason, at, attempts }) => (
        <li key={`${targetId} ${at.getTime()}`}>
          <span>
            {targetWords[targetKind as keyof typeof targetWords]}
            {targetKind === 'app' ? '' : `, ${address}`}: {deliveryWords[state]}
            {kind === 'digest' ? ' in the digest' : ''}, {dateTime(at)}.
          </span>
          {reason && <span className="sub">{reason}</span>}
          {attempts.map(({ number, said }) => said && <code key={number}>{said}</code>)}
        </li>
      ))}
    </ul>
  );
}

function stateWords(
  {
    kind,
    since,
    endedAt,
    closingValue,
    unit,
    currency,
    acknowledgedAt,
    acknowledgedByName,
    snoozedUntil,
    reopened,
  }: Alert,
  timeZone: string,
): string {
  const parts = [
    `since ${kind === 'threshold' || kind === 'anomaly' ? day(since, timeZone) : dateTime(since, timeZone)}`,
  ];
  if (endedAt)
    parts.push(
      `over ${relative(endedAt)}${closingValue === null ? '' : ` at ${valueWords(closingValue, unit, currency)}`}`,
    );
  if (acknowledgedAt)
    parts.push(`acknowledged ${acknowledgedByName ? `by ${acknowledgedByName}` : relative(acknowledgedAt)}`);
  else if (snoozedUntil && !endedAt) parts.push(`back ${dateTime(snoozedUntil, timeZone)}`);
  if (reopened > 0) parts.push(`came again ${reopened === 1 ? 'once' : `${reopened} times`}`);
  return parts.join(', ');
}
