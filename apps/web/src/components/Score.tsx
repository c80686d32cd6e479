import { cx } from '../design/cx.ts';
import { type State, stateOfScore } from '../design/state.ts';
import { formatScore } from '../i18n/format.ts';
import { useT } from '../i18n/i18n.tsx';
import styles from './Score.module.css';
import { STATE_WORD, StateShape } from './StateMark.tsx';

export interface ScoreProps {
  /** 0–100; undefined is unknown. */
  readonly score: number | undefined;
  /** Overrides what the score says, for example `late`. */
  readonly state?: State;
  readonly size?: 'small' | 'normal' | 'large';
}

/** A health score with its shape and word. */
export function Score({ score, state, size = 'normal' }: ScoreProps) {
  const t = useT();
  const shown = state ?? stateOfScore(score);
  return (
    <span className={cx(styles.score, styles[size], styles[shown])}>
      <span className={styles.value}>{formatScore(score)}</span>
      <span className={styles.word}>
        <StateShape state={shown} />
        {t(STATE_WORD[shown])}
      </span>
    </span>
  );
}
