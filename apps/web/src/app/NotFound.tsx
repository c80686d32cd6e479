import { Link } from 'react-router';
import { EmptyState } from '../components/index.ts';
import { useT } from '../i18n/i18n.tsx';

export function NotFound() {
  const t = useT();
  return (
    <EmptyState title={<h1>{t('app.notFound')}</h1>} actions={<Link to="/">{t('app.backToWall')}</Link>} />
  );
}
