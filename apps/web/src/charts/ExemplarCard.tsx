import { formatUnit, type Unit } from '@watchroom/chart-data';
import { useEffect, useRef, useState } from 'react';
import { IconButton } from '../components/index.ts';
import { formatDateTime } from '../i18n/format.ts';
import { useI18n } from '../i18n/i18n.tsx';
import { copyText } from '../panels/copy-text.ts';
import styles from './ExemplarLayer.module.css';
import type { PlotArea } from './frame.ts';
import type { ExemplarPoint } from './thin-exemplars.ts';

export interface ExemplarCardProps {
  readonly exemplar: ExemplarPoint;
  readonly unit: Unit;
  readonly place: { readonly left: number; readonly top: number };
  readonly plot: PlotArea;
  /** Takes the focus and stays. */
  readonly pinned: boolean;
  readonly onEnter: () => void;
  readonly onLeave: () => void;
  readonly onClose: () => void;
}

/** One observation: its value and time, its own labels with copying, then those of its series. */
export function ExemplarCard(props: ExemplarCardProps) {
  const { exemplar, unit, place, plot, pinned, onClose } = props;
  const { t, locale } = useI18n();
  const card = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') close.current();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  useEffect(() => {
    const copies = card.current?.querySelector<HTMLElement>('dl button');
    if (pinned) (copies ?? card.current?.querySelector('button'))?.focus();
  }, [pinned]);
  const onRight = place.left > (plot.left + plot.right) / 2;
  const below = place.top < (plot.top + plot.bottom) / 2;
  const { __name__: metric = '', le: _, ...series } = exemplar.seriesLabels;
  return (
    <div
      ref={card}
      role="dialog"
      aria-label={t('exemplar.title')}
      className={styles.card}
      onPointerEnter={props.onEnter}
      onPointerLeave={props.onLeave}
      style={{
        ...(onRight ? { right: `calc(100% - ${place.left}px + 0.75rem)` } : { left: place.left + 12 }),
        ...(below ? { top: place.top } : { bottom: `calc(100% - ${place.top}px)` }),
      }}
    >
      <header className={styles.head}>
        <strong>{formatUnit(exemplar.value, unit, locale)}</strong>
        <span className={styles.time}>{formatDateTime(exemplar.timeMs)}</span>
        <IconButton size="small" icon="close" label={t('app.close')} onClick={onClose} />
      </header>
      <dl className={styles.labels}>
        {Object.entries(exemplar.labels).map(([name, value]) => (
          <LabelLine key={name} name={name} value={value} copies />
        ))}
        {metric !== '' && <LabelLine name={t('exemplar.series')} value={metric} />}
        {Object.entries(series).map(([name, value]) => (
          <LabelLine key={name} name={name} value={value} />
        ))}
      </dl>
    </div>
  );
}

const COPIED_MS = 1500;

function LabelLine({ name, value, copies = false }: { name: string; value: string; copies?: boolean }) {
  const { t } = useI18n();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    if (!(await copyText(value))) return;
    setCopied(true);
    setTimeout(() => setCopied(false), COPIED_MS);
  };
  return (
    <div className={styles.line} data-strong={copies || undefined}>
      <dt>{name}</dt>
      <dd>
        <span>{value}</span>
        {copies && (
          <IconButton
            size="small"
            icon={copied ? 'check' : 'copy'}
            label={t(copied ? 'promql.copied' : 'exemplar.copy', { name })}
            onClick={() => void copy()}
          />
        )}
      </dd>
    </div>
  );
}
