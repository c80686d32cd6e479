import type { ServerStatus } from '@watchroom/contract';
import { useEffect, useState } from 'react';
import { Banner } from '../components/index.ts';
import { formatAge, formatClock } from '../i18n/format.ts';
import { useT } from '../i18n/i18n.tsx';
import { useLiveTopic } from '../live/index.ts';
import type { Freshness } from './freshness.ts';
import styles from './StatusBanners.module.css';

/** What a person must know before trusting the page: no data, a refused configuration, a damaged store. */
export function StatusBanners({ freshness }: { freshness: Freshness }) {
  const t = useT();
  const status = useLiveTopic<ServerStatus>('status').entries.get('server');
  const configError = status && !status.config.ok ? status.config.error : undefined;
  const problems = status?.store.problems ?? [];
  return (
    <div className={styles.stack}>
      {freshness.kind === 'cut' && (
        <Banner state="critical" role="alert">
          {t('banner.stale', {
            time: formatClock(freshness.heardMs),
            age: formatAge(t, freshness.ageMs),
          })}
        </Banner>
      )}
      {freshness.kind === 'connecting' && <ConnectingBanner />}
      {configError !== undefined && (
        <Banner state="warning" detail={configError}>
          {t('banner.config')}
        </Banner>
      )}
      {problems.length > 0 && (
        <Banner state="warning" detail={problems.join(' · ')}>
          {t('banner.store')}
        </Banner>
      )}
    </div>
  );
}

/** A first contact takes a moment on every page load; only a longer wait is worth a word. */
const PATIENCE_MS = 2500;

function ConnectingBanner() {
  const t = useT();
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return shown ? <Banner state="unknown">{t('banner.never')}</Banner> : null;
}
