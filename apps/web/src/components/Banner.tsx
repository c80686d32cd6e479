import type { ReactNode } from 'react';
import { cx } from '../design/cx.ts';
import type { State } from '../design/state.ts';
import styles from './Banner.module.css';
import { StateShape } from './StateMark.tsx';

export interface BannerProps {
  readonly state: State;
  readonly children: ReactNode;
  readonly detail?: ReactNode;
  readonly actions?: ReactNode;
  /** `alert` interrupts a screen reader; `status` waits. */
  readonly role?: 'alert' | 'status';
}

export function Banner({ state, children, detail, actions, role = 'status' }: BannerProps) {
  return (
    <div role={role} className={cx(styles.banner, styles[state])}>
      <StateShape state={state} />
      <div className={styles.text}>
        <strong>{children}</strong>
        {detail && <span className={styles.detail}>{detail}</span>}
      </div>
      {actions}
    </div>
  );
}
