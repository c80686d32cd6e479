import type { ReactNode } from 'react';
import styles from './Styleguide.module.css';

/** One titled group of the style guide. */
export function Specimen({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className={styles.specimen}>
      <h2>{title}</h2>
      <div className={styles.row}>{children}</div>
    </div>
  );
}
