import type { ServerStatus } from '@watchroom/contract';
import { Popover, StateShape } from '../components/index.ts';
import type { State } from '../design/state.ts';
import type { MessageKey } from '../i18n/en.ts';
import { formatAge } from '../i18n/format.ts';
import { useT } from '../i18n/i18n.tsx';
import {
  type ConnectionState,
  useConnection,
  useLivePage,
  useLiveTopic,
  useServerNow,
} from '../live/index.ts';
import styles from './ConnectionMenu.module.css';

const LOOKS: Readonly<Record<ConnectionState, { state: State; key: MessageKey }>> = {
  connecting: { state: 'unknown', key: 'connection.connecting' },
  live: { state: 'healthy', key: 'connection.live' },
  stale: { state: 'critical', key: 'connection.stale' },
  lost: { state: 'critical', key: 'connection.offline' },
};

/** Values at ranks of a sorted list; undefined when it is empty. */
function quantile(sorted: readonly number[], q: number): number | undefined {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}

const inMs = (value: number | undefined): string => (value === undefined ? '–' : `${Math.round(value)} ms`);

/** How fresh the page is, at a glance; how long a sample takes to the glass, on request. */
export function ConnectionMenu() {
  const t = useT();
  const page = useLivePage();
  const { state, heardMs, version } = useConnection();
  const nowMs = useServerNow();
  const status = useLiveTopic<ServerStatus>('status').entries.get('server');
  const look = LOOKS[state];
  const lags = [...page.frames.recentLagsMs].sort((a, b) => a - b);
  const p50 = quantile(lags, 0.5);
  const age = heardMs === undefined || nowMs === undefined ? undefined : formatAge(t, nowMs - heardMs);
  const note = state === 'live' ? (p50 === undefined ? undefined : inMs(p50)) : age;
  return (
    <Popover
      label={t('connection.details')}
      buttonProps={{ title: t('connection.details') }}
      trigger={
        <span className={styles.trigger} data-state={state}>
          <span className={styles[look.state]}>
            <StateShape state={look.state} />
          </span>
          {t(look.key)}
          {note !== undefined && <span className={styles.note}>{note}</span>}
        </span>
      }
    >
      {() => (
        <dl className={styles.details}>
          <dt>{t('connection.age')}</dt>
          <dd>{age ?? '–'}</dd>
          <dt>{t('connection.paint')}</dt>
          <dd>
            {p50 === undefined ? t('connection.unmeasured') : `${inMs(p50)} / ${inMs(quantile(lags, 0.99))}`}
          </dd>
          <dt>{t('connection.clock')}</dt>
          <dd>{inMs(nowMs === undefined ? undefined : nowMs - Date.now())}</dd>
          <dt>{t('connection.version')}</dt>
          <dd>{version ?? status?.version ?? '–'}</dd>
        </dl>
      )}
    </Popover>
  );
}
