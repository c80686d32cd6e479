import { cx } from '../design/cx.ts';
import type { State } from '../design/state.ts';
import type { MessageKey } from '../i18n/en.ts';
import { useT } from '../i18n/i18n.tsx';
import styles from './StateMark.module.css';

export const STATE_WORD: Readonly<Record<State, MessageKey>> = {
  healthy: 'state.healthy',
  warning: 'state.warning',
  critical: 'state.critical',
  unknown: 'state.unknown',
  late: 'state.late',
};
export const STATE_SHORT: Readonly<Record<State, MessageKey>> = {
  healthy: 'state.short.healthy',
  warning: 'state.short.warning',
  critical: 'state.short.critical',
  unknown: 'state.short.unknown',
  late: 'state.short.late',
};

/** One outline per state, told apart without colour: disc, triangle, octagon, dashed ring, clock. */
export function StateShape({ state }: { state: State }) {
  return (
    <svg className={cx(styles.shape, styles[state])} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {state === 'healthy' && (
        <>
          <circle cx="8" cy="8" r="6.5" fill="currentColor" />
          <path d="M4.8 8.3l2.2 2.2 4.2-4.6" className={styles.sign} />
        </>
      )}
      {state === 'warning' && (
        <>
          <path d="M8 1.3 15.2 14.2H.8Z" fill="currentColor" stroke="currentColor" strokeLinejoin="round" />
          <path d="M8 6v3.6M8 11.9v.1" className={styles.sign} />
        </>
      )}
      {state === 'critical' && (
        <>
          <path d="M5 1h6l4 4v6l-4 4H5l-4-4V5Z" fill="currentColor" />
          <path d="M5.3 5.3l5.4 5.4M10.7 5.3l-5.4 5.4" className={styles.sign} />
        </>
      )}
      {state === 'unknown' && (
        <>
          <circle cx="8" cy="8" r="6.3" className={styles.ring} strokeDasharray="2.6 1.8" />
          <path d="M6.2 6.3a1.9 1.9 0 1 1 2.6 1.9c-.5.2-.8.6-.8 1.1M8 11.3v.1" className={styles.line} />
        </>
      )}
      {state === 'late' && (
        <>
          <circle cx="8" cy="8" r="6.3" className={styles.ring} />
          <path d="M8 4.4V8l2.6 1.8" className={styles.line} />
        </>
      )}
    </svg>
  );
}

/** Shape and word in the state's colour. */
export function StateMark({ state, short = false }: { state: State; short?: boolean }) {
  const t = useT();
  return (
    <span className={cx(styles.mark, styles[state])}>
      <StateShape state={state} />
      <span>{t((short ? STATE_SHORT : STATE_WORD)[state])}</span>
    </span>
  );
}
