import { STATE_WORD, StateShape } from '../../components/index.ts';
import { STATES, type State } from '../../design/state.ts';
import { useT } from '../../i18n/i18n.tsx';
import type { TileModel } from './tile-model.ts';
import styles from './Wall.module.css';

/** How many services are in which state, worst first. */
export function WallHeading({ tiles }: { tiles: readonly TileModel[] }) {
  const t = useT();
  const count = (state: State): number => tiles.filter((tile) => tile.state === state).length;
  const shown: readonly State[] = ['critical', 'warning', 'late', 'unknown', 'healthy'];
  return (
    <header className={styles.heading}>
      <h1 className={styles.title}>{t('wall.title')}</h1>
      <span className={styles.total}>
        {tiles.length === 1 ? t('wall.summary.one') : t('wall.summary', { n: tiles.length })}
      </span>
      <ul className={styles.counts}>
        {shown
          .filter((state) => STATES.includes(state) && count(state) > 0)
          .map((state) => (
            <li key={state} className={styles.count} data-state={state}>
              <StateShape state={state} />
              <strong>{count(state)}</strong>
              {t(STATE_WORD[state])}
            </li>
          ))}
      </ul>
    </header>
  );
}
