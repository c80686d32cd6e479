import type { LiveAlert, ServerStatus } from '@watchroom/contract';
import { NavLink } from 'react-router';
import { Icon, IconButton, Menu } from '../components/index.ts';
import type { MessageKey } from '../i18n/en.ts';
import { type Locale, useI18n } from '../i18n/i18n.tsx';
import { useLiveTopic } from '../live/index.ts';
import { ConnectionMenu } from './ConnectionMenu.tsx';
import { DemoControl } from './DemoControl.tsx';
import { enterKiosk } from './kiosk.ts';
import styles from './TopBar.module.css';
import { setTheme, useTheme } from './theme.ts';

const PAGES: readonly { readonly to: string; readonly key: MessageKey }[] = [
  { to: '/', key: 'nav.wall' },
  { to: '/explore', key: 'nav.explore' },
  { to: '/alerts', key: 'nav.alerts' },
  { to: '/targets', key: 'nav.targets' },
];

/** Languages are named in themselves. */
const LANGUAGES: readonly { readonly locale: Locale; readonly name: string }[] = [
  { locale: 'en', name: 'English' },
  { locale: 'zh', name: '简体中文' },
];

export function TopBar() {
  const { t, locale, setLocale } = useI18n();
  const theme = useTheme();
  const alerts = useLiveTopic<LiveAlert>('alerts').entries;
  const firing = [...alerts.values()].filter((alert) => alert.state === 'firing').length;
  const demo = useLiveTopic<ServerStatus>('status').entries.get('server')?.demo === true;
  const other = theme === 'dark' ? 'light' : 'dark';
  return (
    <header className={styles.bar}>
      <span className={styles.wordmark}>
        <svg viewBox="0 0 24 16" aria-hidden="true" focusable="false">
          <path d="M1 9h4.5l2.5-7 4.5 12 2.5-5H23" />
        </svg>
        {t('app.name')}
      </span>
      <nav aria-label={t('nav.label')} className={styles.nav}>
        {PAGES.map(({ to, key }) => (
          <NavLink key={to} to={to} end={to === '/'}>
            {t(key)}
            {key === 'nav.alerts' && firing > 0 && <span className={styles.count}>{firing}</span>}
          </NavLink>
        ))}
      </nav>
      <div className={styles.side}>
        {demo && <DemoControl />}
        <ConnectionMenu />
        <Menu
          label={t('language.label')}
          trigger={<Icon name="language" />}
          buttonProps={{ 'aria-label': t('language.label'), title: t('language.label') }}
          items={LANGUAGES.map(({ locale: choice, name }) => ({
            key: choice,
            label: name,
            checked: choice === locale,
            onSelect: () => setLocale(choice),
          }))}
        />
        <IconButton
          icon={theme === 'dark' ? 'sun' : 'moon'}
          label={t(theme === 'dark' ? 'theme.toLight' : 'theme.toDark')}
          onClick={() => setTheme(other)}
        />
        <IconButton icon="expand" label={t('kiosk.enter')} onClick={() => void enterKiosk()} />
      </div>
    </header>
  );
}
