import { ICON_NAMES, Icon } from '../../components/index.ts';
import { useT } from '../../i18n/i18n.tsx';
import { Specimen } from './Specimen.tsx';
import styles from './Styleguide.module.css';
import { SERIES_TOKENS, STATE_TOKENS, SURFACE_TOKENS, TEXT_TOKENS, TYPE_SIZES } from './samples.ts';

function Swatches({ tokens }: { tokens: readonly string[] }) {
  return tokens.map((token) => (
    <div key={token} className={styles.swatch}>
      <span className={styles.chip} style={{ background: `var(--${token})` }} />
      <code>{token}</code>
    </div>
  ));
}

export function Foundations() {
  const t = useT();
  return (
    <>
      <Specimen title={t('styleguide.colours')}>
        <Swatches tokens={[...SURFACE_TOKENS, ...TEXT_TOKENS]} />
        <Swatches tokens={STATE_TOKENS} />
        <Swatches tokens={SERIES_TOKENS} />
      </Specimen>
      <Specimen title={t('styleguide.type')}>
        <div className={styles.type}>
          {TYPE_SIZES.map((size) => (
            <span key={size} style={{ fontSize: `var(--text-${size})`, lineHeight: 'var(--leading-tight)' }}>
              {t('styleguide.sample')}
            </span>
          ))}
        </div>
      </Specimen>
      <Specimen title={t('styleguide.icons')}>
        {ICON_NAMES.map((name) => (
          <span key={name} className={styles.icon}>
            <Icon name={name} />
            {name}
          </span>
        ))}
      </Specimen>
    </>
  );
}
