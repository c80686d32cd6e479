import { Link } from 'react-router';
import { EmptyState } from '../components/index.ts';
import { useScreenScale } from '../design/root-size.ts';
import { useT } from '../i18n/i18n.tsx';
import styles from './Shell.module.css';

/** As large as the wall: a wall's address that is mistyped hangs there, too. */
export function NotFound() {
  const t = useT();
  useScreenScale();
  return (
    <div className={styles.middle}>
      <EmptyState title={<h1>{t('app.notFound')}</h1>} actions={<Link to="/">{t('app.backToWall')}</Link>} />
    </div>
  );
}
