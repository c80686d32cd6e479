/** Thresholds and the shared crosshair over a chart of a fixed range. */
import { type LinearScale, project } from '@watchroom/chart-data';
import { useEffect, useRef } from 'react';
import { usePlotArea } from 'recharts';
import { crosshair } from './crosshair.ts';
import styles from './LiveChart.module.css';
import type { Threshold } from './LiveStrokes.tsx';

export interface HistoryOverlayProps {
  readonly xDomain: readonly [number, number];
  readonly yDomain: readonly [number, number];
  readonly thresholds: readonly Threshold[];
}

export function HistoryOverlay({ xDomain, yDomain, thresholds }: HistoryOverlayProps) {
  const plot = usePlotArea();
  const cross = useRef<SVGLineElement>(null);
  const [left, right] = [plot?.x ?? 0, (plot?.x ?? 0) + (plot?.width ?? 0)];
  const [top, bottom] = [plot?.y ?? 0, (plot?.y ?? 0) + (plot?.height ?? 0)];
  const toX = project({ domain: xDomain, range: [left, right] } satisfies LinearScale);
  const toY = project({ domain: yDomain, range: [bottom, top] } satisfies LinearScale);
  useEffect(() => {
    const place = (timeMs: number | undefined) => {
      const line = cross.current;
      if (!line) return;
      const inside = timeMs !== undefined && timeMs >= xDomain[0] && timeMs <= xDomain[1];
      line.style.display = inside ? '' : 'none';
      if (inside) line.setAttribute('transform', `translate(${toX(timeMs)},0)`);
    };
    place(crosshair.timeMs);
    return crosshair.subscribe(place);
  });
  if (!plot) return null;
  return (
    <g>
      {thresholds
        .filter(({ value }) => value >= yDomain[0] && value <= yDomain[1])
        .map(({ value, state }) => (
          <line
            key={value}
            className={styles.threshold}
            style={{ stroke: `var(--state-${state})` }}
            x1={left}
            x2={right}
            y1={toY(value)}
            y2={toY(value)}
          />
        ))}
      <line ref={cross} className={styles.cross} y1={top} y2={bottom} style={{ display: 'none' }} />
    </g>
  );
}
