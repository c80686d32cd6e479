import type { LiveAlert } from '@watchroom/contract';
import { Loading, Panel, StateMark } from '../../components/index.ts';
import { useT } from '../../i18n/i18n.tsx';
import { useLiveTopic } from '../../live/index.ts';
import { AlertLine } from '../alerts/AlertLine.tsx';
import { sortAlerts } from '../alerts/alert-groups.ts';
import styles from './Service.module.css';

/** Alerts with this service's label, now. */
export function ServiceAlerts({ service, className }: { service: string; className?: string | undefined }) {
  const t = useT();
  const topic = useLiveTopic<LiveAlert>('alerts');
  const own = [...topic.entries].filter(([, alert]) => alert.labels['service'] === service);
  return (
    <Panel title={t('alerts.ofService')} className={className ?? ''}>
      {topic.status === 'loading' ? (
        <Loading />
      ) : own.length === 0 ? (
        <p className={styles.none}>
          <StateMark state="healthy" /> {t('alerts.ofService.none')}
        </p>
      ) : (
        <ul className={styles.alertList}>
          {sortAlerts(own).map(([id, alert]) => (
            <li key={id}>
              <AlertLine alert={alert} withService={false} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
