/**
 * Exemplars as points over a chart: each is one observation with its labels, as a rule a trace. One stop for Tab, arrows
 * move between the points, Enter shows the labels of one. A value beyond the axis stands at its edge.
 */
import { formatUnit, project, type Unit } from '@watchroom/chart-data';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { formatDateTime } from '../i18n/format.ts';
import { useI18n } from '../i18n/i18n.tsx';
import { ExemplarCard } from './ExemplarCard.tsx';
import styles from './ExemplarLayer.module.css';
import type { PlotArea } from './frame.ts';
import { type ExemplarPoint, thinned } from './thin-exemplars.ts';

export interface ExemplarLayerProps {
  readonly exemplars: readonly ExemplarPoint[];
  readonly plot: PlotArea;
  readonly xDomain: readonly [number, number];
  readonly yDomain: readonly [number, number];
  readonly unit: Unit;
}

export function ExemplarLayer({ exemplars, plot, xDomain, yDomain, unit }: ExemplarLayerProps) {
  const { t, locale } = useI18n();
  const root = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(0);
  const [open, setOpen] = useState<ExemplarPoint | undefined>();
  const [fromMs, toMs] = xDomain;
  const points = useMemo(() => thinned(exemplars, [fromMs, toMs]), [exemplars, fromMs, toMs]);
  const toX = project({ domain: xDomain, range: [plot.left, plot.right] });
  const toY = project({ domain: yDomain, range: [plot.bottom, plot.top] });
  const place = (point: ExemplarPoint) => ({
    left: toX(point.timeMs),
    top: Math.min(plot.bottom, Math.max(plot.top, toY(point.value))),
  });
  const current = Math.min(at, points.length - 1);
  useEffect(() => {
    if (!open) return undefined;
    const onPress = (event: PointerEvent) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(undefined);
    };
    document.addEventListener('pointerdown', onPress);
    return () => document.removeEventListener('pointerdown', onPress);
  }, [open]);
  if (points.length === 0) return null;
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by === undefined || open) return;
    event.preventDefault();
    const next = Math.min(points.length - 1, Math.max(0, current + by));
    setAt(next);
    focusPoint(root.current, next);
  };
  return (
    <div ref={root} className={styles.layer}>
      {points.map((point, i) => (
        <button
          key={`${point.timeMs} ${point.value} ${JSON.stringify(point.labels)}`}
          type="button"
          tabIndex={i === current ? 0 : -1}
          className={styles.point}
          style={place(point)}
          aria-expanded={open === point}
          aria-label={t('exemplar.label', {
            value: formatUnit(point.value, unit, locale),
            time: formatDateTime(point.timeMs),
          })}
          onKeyDown={onKeyDown}
          onClick={() => {
            setAt(i);
            setOpen((was) => (was === point ? undefined : point));
          }}
        />
      ))}
      {open && (
        <ExemplarCard
          exemplar={open}
          unit={unit}
          place={place(open)}
          plot={plot}
          onClose={() => {
            setOpen(undefined);
            focusPoint(root.current, current);
          }}
        />
      )}
    </div>
  );
}

function focusPoint(root: HTMLElement | null, index: number): void {
  root?.querySelectorAll<HTMLElement>(':scope > button')[index]?.focus();
}
