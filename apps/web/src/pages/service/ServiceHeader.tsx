import type { ReactNode } from 'react';
import { Age, Badge, Score, Skeleton } from '../../components/index.ts';
import { useT } from '../../i18n/i18n.tsx';
import styles from './Service.module.css';
import type { ServiceFacts } from './use-service.ts';

const LATE_INTERVALS = 2;

/** Name, cluster, score, age of the data and how many targets are up: always now, whatever the range. */
export function ServiceHeader({
  service,
  facts,
  children,
}: {
  service: string;
  facts: ServiceFacts;
  children: ReactNode;
}) {
  const t = useT();
  const { tile, fresh } = facts;
  return (
    <header className={styles.header}>
      <div className={styles.identity}>
        <h1 className={styles.name} title={service}>
          {service}
        </h1>
        {fresh?.cluster && <Badge>{fresh.cluster}</Badge>}
      </div>
      {facts.status === 'loading' ? (
        <Skeleton width="9rem" height="2.5rem" />
      ) : (
        tile && <Score score={tile.score} state={tile.state} size="large" />
      )}
      {fresh && (
        <dl className={styles.facts}>
          <div>
            <dt>{t('service.lastData')}</dt>
            <dd>
              {fresh.newestOkMs === undefined ? (
                t('service.never')
              ) : (
                <Age sinceMs={fresh.newestOkMs} lateAfterMs={LATE_INTERVALS * fresh.intervalMs} />
              )}
            </dd>
          </div>
          <div>
            <dt>{t('nav.targets')}</dt>
            <dd data-down={fresh.up < fresh.targets || undefined} title={fresh.lastError}>
              {t('service.targets', { up: fresh.up, total: fresh.targets })}
            </dd>
          </div>
        </dl>
      )}
      <div className={styles.range}>{children}</div>
    </header>
  );
}
