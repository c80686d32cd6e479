import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { cx } from '../design/cx.ts';
import { Button, type ButtonProps } from './Button.tsx';
import styles from './Popover.module.css';

export interface PopoverProps {
  /** Accessible name of the panel, and of the trigger when it has no text. */
  readonly label: string;
  readonly trigger: ReactNode;
  readonly children: (close: () => void) => ReactNode;
  readonly align?: 'start' | 'end';
  readonly buttonProps?: Omit<ButtonProps, 'children'>;
}

/** A button with a panel under it. Escape or a press outside closes it and gives the focus back. */
export function Popover({ label, trigger, children, align = 'end', buttonProps }: PopoverProps) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const root = useRef<HTMLDivElement>(null);
  const close = () => {
    setOpen(false);
    root.current?.querySelector('button')?.focus();
  };
  useEffect(() => {
    if (!open) return undefined;
    const onPress = (event: PointerEvent) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      setOpen(false);
      root.current?.querySelector('button')?.focus();
    };
    document.addEventListener('pointerdown', onPress);
    document.addEventListener('keydown', onKey);
    return () => {
      document.removeEventListener('pointerdown', onPress);
      document.removeEventListener('keydown', onKey);
    };
  }, [open]);
  return (
    <div ref={root} className={styles.root}>
      <Button
        variant="ghost"
        {...buttonProps}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        aria-haspopup="dialog"
        onClick={() => setOpen((was) => !was)}
      >
        {trigger}
      </Button>
      {open && (
        <div id={id} role="dialog" aria-label={label} className={cx(styles.panel, styles[align])}>
          {children(close)}
        </div>
      )}
    </div>
  );
}
