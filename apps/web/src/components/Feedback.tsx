/** What a region shows when it has nothing to show: empty, failed, or not there yet. */
import type { ReactNode } from 'react';
import { useT } from '../i18n/i18n.tsx';
import { Button } from './Button.tsx';
import styles from './Feedback.module.css';
import { Icon, type IconName } from './Icon.tsx';
import { StateShape } from './StateMark.tsx';

export interface EmptyStateProps {
  readonly title: ReactNode;
  readonly children?: ReactNode;
  readonly icon?: IconName;
  readonly actions?: ReactNode;
}

export function EmptyState({ title, children, icon = 'search', actions }: EmptyStateProps) {
  return (
    <div className={styles.box}>
      <span className={styles.icon}>
        <Icon name={icon} />
      </span>
      <div className={styles.title}>{title}</div>
      {children && <div className={styles.text}>{children}</div>}
      {actions && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}

export interface ErrorStateProps {
  readonly title: ReactNode;
  /** The words of the server or the exception. */
  readonly detail?: string | undefined;
  readonly onRetry?: () => void;
}

export function ErrorState({ title, detail, onRetry }: ErrorStateProps) {
  const t = useT();
  return (
    <div className={styles.box} role="alert">
      <span className={styles.icon}>
        <StateShape state="critical" />
      </span>
      <div className={styles.title}>{title}</div>
      {detail && <code className={styles.detail}>{detail}</code>}
      {onRetry && (
        <div className={styles.actions}>
          <Button icon="refresh" onClick={onRetry}>
            {t('app.error.retry')}
          </Button>
        </div>
      )}
    </div>
  );
}

/** A grey shape where something will be. Sizes are CSS lengths. */
export function Skeleton({ width = '100%', height = '1em' }: { width?: string; height?: string }) {
  return <span className={styles.skeleton} style={{ width, height }} aria-hidden="true" />;
}

/** Fills a region while a page or its data is on the way. */
export function Loading({ label }: { label?: string }) {
  const t = useT();
  return (
    <div className={styles.box} role="status">
      <Skeleton width="12rem" height="0.75rem" />
      <Skeleton width="8rem" height="0.75rem" />
      <p className={styles.text}>{label ?? t('app.loading')}</p>
    </div>
  );
}
