import { type ReactNode, useId } from 'react';
import styles from './Tooltip.module.css';

/** Text on hover and on keyboard focus of what it wraps. It never takes the pointer, so it hides nothing that can be used. */
export function Tooltip({ text, children }: { text: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <span className={styles.root}>
      <span aria-describedby={id}>{children}</span>
      <span id={id} role="tooltip" className={styles.tip}>
        {text}
      </span>
    </span>
  );
}
