/**
 * Exemplars as points over a chart: each is one observation with its labels, as a rule a trace. Pointing at one shows its
 * card, a press pins it. One stop for Tab, arrows move between the points, Enter goes into the card. A value beyond the axis
 * stands at its edge.
 */
import { formatUnit, project, type Unit } from '@watchroom/chart-data';
import { type KeyboardEvent, type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import { formatDateTime } from '../i18n/format.ts';
import { useI18n } from '../i18n/i18n.tsx';
import { ExemplarCard } from './ExemplarCard.tsx';
import styles from './ExemplarLayer.module.css';
import type { PlotArea } from './frame.ts';
import { type ExemplarPoint, keyOf, thinned } from './thin-exemplars.ts';

export interface ExemplarLayerProps {
  readonly exemplars: readonly ExemplarPoint[];
  readonly plot: PlotArea;
  readonly xDomain: readonly [number, number];
  readonly yDomain: readonly [number, number];
  readonly unit: Unit;
}

/** In each of this many px the highest stay: more would hide the lines. */
const CELL_PX = 24;
/** A card that nobody points at any more stays this long: the pointer may be on its way to it. */
const LINGER_MS = 250;

interface Shown {
  readonly point: ExemplarPoint;
  /** Opened by a press: it has the focus and stays. */
  readonly pinned: boolean;
}

export function ExemplarLayer({ exemplars, plot, xDomain, yDomain, unit }: ExemplarLayerProps) {
  const { t, locale } = useI18n();
  const root = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<ExemplarPoint>();
  const { shown, show, leave, enter, hide } = useShown(root);
  const [fromMs, toMs] = xDomain;
  const cells = Math.max(1, Math.floor((plot.right - plot.left) / CELL_PX));
  const shownPoint = shown?.point;
  const points = useMemo(() => {
    const inUse = [shownPoint, at].filter((point) => point !== undefined);
    return thinned(exemplars, [fromMs, toMs], cells, inUse);
  }, [exemplars, fromMs, toMs, cells, shownPoint, at]);
  const isGone = shown?.pinned === false && shown.point.timeMs < fromMs;
  useEffect(() => {
    if (isGone) hide();
  });
  const toX = project({ domain: xDomain, range: [plot.left, plot.right] });
  const toY = project({ domain: yDomain, range: [plot.bottom, plot.top] });
  const place = (point: ExemplarPoint) => ({
    left: Math.max(plot.left, toX(point.timeMs)),
    top: Math.min(plot.bottom, Math.max(plot.top, toY(point.value))),
  });
  const atKey = at && keyOf(at);
  const current = Math.max(
    0,
    points.findIndex((point) => keyOf(point) === atKey),
  );
  const open = shown && keyOf(shown.point);
  if (points.length === 0) return null;
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === 'Escape') hide();
    if (by === undefined) return;
    event.preventDefault();
    const next = Math.min(points.length - 1, Math.max(0, current + by));
    focusPoint(root.current, next);
  };
  return (
    <div ref={root} className={styles.layer}>
      {points.map((point, i) => (
        <button
          key={keyOf(point)}
          type="button"
          tabIndex={i === current ? 0 : -1}
          className={styles.point}
          style={place(point)}
          aria-expanded={open === keyOf(point)}
          aria-label={t('exemplar.label', {
            value: formatUnit(point.value, unit, locale),
            time: formatDateTime(point.timeMs),
          })}
          onKeyDown={onKeyDown}
          onPointerEnter={() => show(point, false)}
          onPointerLeave={leave}
          onFocus={() => {
            setAt(point);
            show(point, false);
          }}
          onBlur={leave}
          onClick={() => {
            setAt(point);
            show(point, true);
          }}
        />
      ))}
      {shown && (
        <ExemplarCard
          key={open}
          exemplar={shown.point}
          pinned={shown.pinned}
          unit={unit}
          place={place(shown.point)}
          plot={plot}
          onEnter={enter}
          onLeave={leave}
          onClose={() => {
            // Its focus shows the card of the point: hiding comes after.
            if (shown.pinned) focusPoint(root.current, current);
            hide();
          }}
        />
      )}
    </div>
  );
}

/** Which exemplar's card is shown: of the one pointed at or focused, or of the one pressed until a press elsewhere. */
function useShown(root: RefObject<HTMLElement | null>) {
  const [shown, setShown] = useState<Shown | undefined>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const pinned = shown?.pinned === true;
  const enter = () => clearTimeout(timer.current);
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (!pinned) return undefined;
    const onPress = (event: PointerEvent) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setShown(undefined);
    };
    document.addEventListener('pointerdown', onPress);
    return () => document.removeEventListener('pointerdown', onPress);
  }, [pinned, root]);
  return {
    shown,
    enter,
    show: (point: ExemplarPoint, pin: boolean) => {
      enter();
      setShown((was) => (was?.pinned && !pin ? was : { point, pinned: pin }));
    },
    leave: () => {
      enter();
      timer.current = setTimeout(() => setShown((was) => (was?.pinned ? was : undefined)), LINGER_MS);
    },
    hide: () => {
      enter();
      setShown(undefined);
    },
  };
}

function focusPoint(root: HTMLElement | null, index: number): void {
  root?.querySelectorAll<HTMLElement>(':scope > button')[index]?.focus();
}
