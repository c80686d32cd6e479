import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { Icon, Kbd } from '../../components/index.ts';
import { useT } from '../../i18n/i18n.tsx';
import styles from './Palette.module.css';
import type { Command } from './use-commands.ts';

export interface PaletteProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly commands: readonly Command[];
}

/** Everything the page can do and its keys: type to find, arrows to choose, Enter to do it. */
export function Palette({ open, onClose, commands }: PaletteProps) {
  const t = useT();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open && !dialog.current?.open) dialog.current?.showModal();
    if (!open && dialog.current?.open) dialog.current.close();
  }, [open]);
  return (
    <dialog ref={dialog} className={styles.palette} aria-label={t('explore.palette')} onClose={onClose}>
      {open && <Body commands={commands} onClose={onClose} />}
    </dialog>
  );
}

function Body({ commands, onClose }: { commands: readonly Command[]; onClose: () => void }) {
  const t = useT();
  const id = useId();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const wanted = text.trim().toLowerCase();
  const shown = commands.filter(({ label }) => label.toLowerCase().includes(wanted));
  const doable = shown.filter(({ run }) => run !== undefined);
  const hints = shown.filter(({ run }) => run === undefined);
  const current = Math.min(at, doable.length - 1);
  const choose = (command: Command | undefined) => {
    if (!command?.run) return;
    onClose();
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by !== undefined && doable.length > 0) {
      event.preventDefault();
      setAt((current + by + doable.length) % doable.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      event.stopPropagation();
      choose(doable[current]);
    }
  };
  return (
    <>
      <input
        className={styles.input}
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}list`}
        aria-activedescendant={doable.length > 0 ? `${id}-${doable[current]?.id}` : undefined}
        aria-label={t('explore.palette.find')}
        placeholder={t('explore.palette.find')}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id={`${id}list`} role="listbox" aria-label={t('explore.palette')} className={styles.list}>
        {doable.map((command, i) => (
          <div
            key={command.id}
            id={`${id}-${command.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={i === current}
            className={styles.item}
            onPointerEnter={() => setAt(i)}
            onClick={() => choose(command)}
            onKeyDown={onKeyDown}
          >
            <Icon name={command.icon} />
            <span>{command.label}</span>
            <Keys keys={command.keys} />
          </div>
        ))}
      </div>
      {doable.length === 0 && hints.length === 0 && (
        <p className={styles.none}>{t('explore.palette.none')}</p>
      )}
      {hints.length > 0 && (
        <dl className={styles.hints} aria-label={t('explore.palette.keys')}>
          {hints.map((command) => (
            <div key={command.id}>
              <dt>{command.label}</dt>
              <dd>
                <Keys keys={command.keys} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}

function Keys({ keys }: { keys: readonly string[] | undefined }) {
  return (
    <span className={styles.keys}>
      {keys?.map((key) => (
        <Kbd key={key}>{key}</Kbd>
      ))}
    </span>
  );
}
