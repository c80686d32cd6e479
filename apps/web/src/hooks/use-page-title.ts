import { useEffect } from 'react';
import { useT } from '../i18n/i18n.tsx';

/** `title · watchroom` while the component is shown. */
export function usePageTitle(title: string): void {
  const t = useT();
  const name = t('app.name');
  useEffect(() => {
    document.title = `${title} · ${name}`;
    return () => {
      document.title = name;
    };
  }, [title, name]);
}
