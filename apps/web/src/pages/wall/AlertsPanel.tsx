import type { LiveAlert } from '@watchroom/contract';
import { Link } from 'react-router';
import { alertTitle, stateOfAlert } from '../../app/alert-changes.ts';
import { Age, FitText, Panel, StateShape } from '../../components/index.ts';
import { useRootSize } from '../../design/root-size.ts';
import type { State } from '../../design/state.ts';
import { useSize } from '../../hooks/use-size.ts';
import { useT } from '../../i18n/i18n.tsx';
import { useLiveTopic } from '../../live/index.ts';
import styles from './Wall.module.css';

const RANK: Readonly<Record<State, number>> = { critical: 0, warning: 1, late: 2, unknown: 3, healthy: 4 };
/** Shape, gaps and age beside the title, in rem. */
const BESIDE = 5.5;

/** Firing alerts, the worst and newest first. */
export function AlertsPanel({ most, className }: { most: number; className?: string | undefined }) {
  const t = useT();
  const rem = useRootSize();
  const [ref, size] = useSize();
  const firing = [...useLiveTopic<LiveAlert>('alerts').entries]
    .filter(([, alert]) => alert.state === 'firing')
    .sort(([, a], [, b]) => RANK[stateOfAlert(a)] - RANK[stateOfAlert(b)] || since(b) - since(a));
  return (
    <Panel
      title={t('wall.alerts')}
      actions={firing.length > 0 ? <Link to="/alerts">{firing.length}</Link> : undefined}
      className={className}
    >
      <div ref={ref}>
        {firing.length === 0 ? (
          <p className={styles.quiet}>
            <StateShape state="healthy" /> {t('wall.alerts.none')}
          </p>
        ) : (
          <ul className={styles.alerts}>
            {firing.slice(0, firing.length > most ? most - 1 : most).map(([id, alert]) => (
              <li key={id} className={styles.alert} data-state={stateOfAlert(alert)}>
                <StateShape state={stateOfAlert(alert)} />
                <span className={styles.alertName}>
                  <FitText
                    text={alertTitle(alert)}
                    widthPx={size.width - BESIDE * rem}
                    fontPx={0.8125 * rem}
                    minFontPx={0.6875 * rem}
                  />
                </span>
                <Age sinceMs={since(alert)} />
              </li>
            ))}
            {firing.length > most && (
              <li className={styles.quiet}>{t('wall.alerts.more', { n: firing.length - most + 1 })}</li>
            )}
          </ul>
        )}
      </div>
    </Panel>
  );
}

const since = (alert: LiveAlert): number => alert.firedAtMs ?? alert.activeAtMs;
