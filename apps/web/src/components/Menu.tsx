import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react';
import { Icon } from './Icon.tsx';
import styles from './Menu.module.css';
import { Popover, type PopoverProps } from './Popover.tsx';

export interface MenuItem {
  readonly key: string;
  readonly label: ReactNode;
  readonly checked?: boolean;
  readonly onSelect: () => void;
}

export interface MenuProps extends Omit<PopoverProps, 'children'> {
  readonly items: readonly MenuItem[];
}

function Items({ label, items, close }: { label: string; items: readonly MenuItem[]; close: () => void }) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector('button')?.focus();
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    const buttons = [...(list.current?.querySelectorAll('button') ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    buttons.at(next % buttons.length)?.focus();
  };
  return (
    <div
      ref={list}
      role="menu"
      aria-label={label}
      tabIndex={-1}
      className={styles.menu}
      onKeyDown={onKeyDown}
    >
      {items.map((item) => (
        <button
          key={item.key}
          type="button"
          {...(item.checked === undefined
            ? { role: 'menuitem' }
            : { role: 'menuitemradio', 'aria-checked': item.checked })}
          className={styles.item}
          onClick={() => {
            item.onSelect();
            close();
          }}
        >
          <span className={styles.check}>{item.checked === true && <Icon name="check" />}</span>
          {item.label}
        </button>
      ))}
    </div>
  );
}

/** A popover of choices: arrows, Home and End move, Enter chooses, Escape closes. */
export function Menu({ items, ...popover }: MenuProps) {
  return (
    <Popover {...popover}>{(close) => <Items label={popover.label} items={items} close={close} />}</Popover>
  );
}
