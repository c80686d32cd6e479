import type { ReactNode } from 'react';
import { cx } from '../design/cx.ts';
import type { State } from '../design/state.ts';
import styles from './Badge.module.css';

/** A small label. With a state it is tinted in the state's colour; the word inside carries the meaning. */
export function Badge({ state, children }: { state?: State; children: ReactNode }) {
  return <span className={cx(styles.badge, state && styles[state])}>{children}</span>;
}
