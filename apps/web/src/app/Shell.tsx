import { Suspense } from 'react';
import { Outlet, useLocation } from 'react-router';
import { IconButton, Loading } from '../components/index.ts';
import { cx } from '../design/cx.ts';
import { useT } from '../i18n/i18n.tsx';
import { ErrorBoundary } from './ErrorBoundary.tsx';
import { useFreshness } from './freshness.ts';
import { leaveKiosk, useKiosk } from './kiosk.ts';
import styles from './Shell.module.css';
import { StatusBanners } from './StatusBanners.tsx';
import { Toasts } from './Toasts.tsx';
import { TopBar } from './TopBar.tsx';

/** What surrounds every page but the embedded ones. While the server is silent the whole page content is greyed. */
export function Shell() {
  const t = useT();
  const kiosk = useKiosk();
  const freshness = useFreshness();
  const { pathname } = useLocation();
  const wall = pathname === '/' || pathname.startsWith('/wall/');
  return (
    <div className={cx(styles.shell, wall && styles.fixed)}>
      <a className={styles.skip} href="#content">
        {t('app.skip')}
      </a>
      {!kiosk && <TopBar />}
      <StatusBanners freshness={freshness} />
      <main
        id="content"
        tabIndex={-1}
        className={cx(styles.main, freshness.kind === 'cut' && styles.cut)}
        data-connection={freshness.kind}
      >
        <ErrorBoundary key={pathname} title={t('app.error.title')}>
          <Suspense fallback={<Loading />}>
            <Outlet />
          </Suspense>
        </ErrorBoundary>
      </main>
      <Toasts />
      {kiosk && (
        <div className={styles.leave}>
          <IconButton icon="collapse" label={t('kiosk.leave')} onClick={() => void leaveKiosk()} />
        </div>
      )}
    </div>
  );
}
