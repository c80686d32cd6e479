import { formatUnit } from '@watchroom/chart-data';
import { fromWireValue, type LiveAlert } from '@watchroom/contract';
import { Link } from 'react-router';
import { stateOfAlert } from '../../app/alert-changes.ts';
import { Age, Badge, StateShape } from '../../components/index.ts';
import type { MessageKey } from '../../i18n/en.ts';
import { formatAge } from '../../i18n/format.ts';
import { useT } from '../../i18n/i18n.tsx';
import { useServerNow } from '../../live/index.ts';
import styles from './AlertLine.module.css';
import { sinceMs } from './alert-groups.ts';

const STATES: Readonly<Record<LiveAlert['state'], MessageKey>> = {
  firing: 'alerts.state.firing',
  pending: 'alerts.state.pending',
  resolved: 'alerts.state.resolved',
};

/** Labels that the line says in another place. */
const SAID = new Set(['alertname', 'service', 'severity']);

/** One alert: what, how bad, since when, its value, its texts and its other labels. */
export function AlertLine({
  alert,
  withService = true,
  withName = true,
}: {
  alert: LiveAlert;
  withService?: boolean;
  withName?: boolean;
}) {
  const t = useT();
  const state = stateOfAlert(alert);
  const { service, severity } = alert.labels;
  const value = fromWireValue(alert.value);
  const rest = Object.entries(alert.labels).filter(([name]) => !SAID.has(name));
  const { summary, description, ...others } = alert.annotations;
  return (
    <article className={styles.alert} data-state={alert.state}>
      <StateShape state={state} />
      <div className={styles.text}>
        <div className={styles.head}>
          {withService && service && (
            <Link className={styles.service} to={`/d/service/${encodeURIComponent(service)}`} title={service}>
              {service}
            </Link>
          )}
          {withName && <strong>{alert.name}</strong>}
          <Badge state={alert.state === 'pending' ? 'unknown' : state}>{t(STATES[alert.state])}</Badge>
          <span className={styles.quiet}>
            {severity ? t('alerts.severity', { severity }) : t('alerts.noSeverity')}
          </span>
          <span className={styles.quiet}>
            {alert.state === 'resolved' ? (
              <Ago sinceMs={sinceMs(alert)} />
            ) : (
              <>
                {t('alerts.since')} <Age sinceMs={sinceMs(alert)} />
              </>
            )}
          </span>
          {value !== undefined && (
            <span className={styles.quiet}>{t('alerts.value', { value: formatUnit(value, 'short') })}</span>
          )}
        </div>
        {summary && <p className={styles.summary}>{summary}</p>}
        {description && <p className={styles.description}>{linked(description)}</p>}
        {Object.entries(others).map(([name, text]) => (
          <p key={name} className={styles.description}>
            <span className={styles.quiet}>{name}: </span>
            {linked(text)}
          </p>
        ))}
        {rest.length > 0 && (
          <ul className={styles.labels} aria-label={t('alerts.labels')}>
            {rest.map(([name, text]) => (
              <li key={name}>
                <code>
                  {name}="{text}"
                </code>
              </li>
            ))}
          </ul>
        )}
      </div>
    </article>
  );
}

/** `3 min ago`, on the server's clock. */
function Ago({ sinceMs: fromMs }: { sinceMs: number }) {
  const t = useT();
  const nowMs = useServerNow();
  return nowMs === undefined ? null : t('service.ago', { age: formatAge(t, nowMs - fromMs) });
}

const URL_TEXT = /(https?:\/\/[^\s"'<>]+)/;

/** Addresses in an annotation become links; only http(s) is one. */
function linked(text: string) {
  return text.split(URL_TEXT).map((part, i) =>
    i % 2 === 1 ? (
      <a key={part} href={part} rel="noreferrer">
        {part}
      </a>
    ) : (
      part
    ),
  );
}
