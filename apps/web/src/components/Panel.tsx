import { type ReactNode, useId } from 'react';
import { cx } from '../design/cx.ts';
import styles from './Panel.module.css';

export interface PanelProps {
  readonly title?: ReactNode;
  /** Right side of the header. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
  /** No inner padding: for charts and tables that go to the edge. */
  readonly flush?: boolean;
}

/** A titled region; a landmark when it has a title. */
export function Panel({ title, actions, children, className, flush = false }: PanelProps) {
  const id = useId();
  return (
    <section className={cx(styles.panel, className)} aria-labelledby={title ? id : undefined}>
      {(title || actions) && (
        <header className={styles.header}>
          {title && (
            <h2 id={id} className={styles.title}>
              {title}
            </h2>
          )}
          {actions && <div className={styles.actions}>{actions}</div>}
        </header>
      )}
      <div className={cx(styles.body, flush && styles.flush)}>{children}</div>
    </section>
  );
}
