import { type ReactNode, useEffect, useRef } from 'react';
import { useT } from '../i18n/i18n.tsx';
import { IconButton } from './Button.tsx';
import styles from './Drawer.module.css';

export interface DrawerProps {
  readonly title: string;
  readonly open: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/**
 * A sheet from the right on the platform's modal dialog: focus is held inside, Escape closes. What has `data-first` gets the
 * focus when it opens, otherwise the close button.
 */
export function Drawer({ title, open, onClose, children }: DrawerProps) {
  const t = useT();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open && !dialog.current?.open) {
      dialog.current?.showModal();
      dialog.current?.querySelector<HTMLElement>('[data-first]')?.focus();
    }
    if (!open && dialog.current?.open) dialog.current.close();
  }, [open]);
  return (
    <dialog ref={dialog} className={styles.drawer} aria-label={title} onClose={onClose}>
      <header className={styles.header}>
        <h2>{title}</h2>
        <IconButton icon="close" label={t('app.close')} onClick={onClose} />
      </header>
      <div className={styles.body}>{open && children}</div>
    </dialog>
  );
}
