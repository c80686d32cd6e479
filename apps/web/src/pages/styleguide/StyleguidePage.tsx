import { useT } from '../../i18n/i18n.tsx';
import { Charts, Tiles } from './Charts.tsx';
import { Controls } from './Controls.tsx';
import { Feedback } from './Feedback.tsx';
import { Foundations } from './Foundations.tsx';
import styles from './Styleguide.module.css';

/** Every component in every state, in both themes side by side. */
export function StyleguidePage() {
  const t = useT();
  return (
    <div className={styles.page}>
      <h1>{t('styleguide.title')}</h1>
      <div className={styles.themes}>
        {(['dark', 'light'] as const).map((theme) => (
          <div key={theme} data-theme={theme} className={styles.theme}>
            <Foundations />
            <Controls />
            <Feedback />
            <Tiles />
            <Charts />
          </div>
        ))}
      </div>
    </div>
  );
}
