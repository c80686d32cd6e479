/** A line the size of a word, written in the page's animation frame from one series of a live query. */
import { buildPath, type WindowSeries } from '@watchroom/chart-data';
import { memo, useRef } from 'react';
import { type LiveQuery, useConnection, useLiveDrawing, useLivePage } from '../live/index.ts';
import styles from './Sparkline.module.css';

export interface SparklineProps {
  readonly query: LiveQuery;
  /** The series to draw; must be stable. */
  readonly pick: (series: WindowSeries) => boolean;
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly min: number;
  readonly max: number;
  /** Accessible name. */
  readonly label: string;
}

const PAD = 1.5;

export const Sparkline = memo(function Sparkline(props: SparklineProps) {
  const { query, pick, width, height, min, max, label } = props;
  const line = useRef<SVGPathElement>(null);
  const page = useLivePage();
  const { outages } = useConnection();
  const draw = () => {
    const { window } = query;
    const series = window.series.find(pick);
    const toMs = Math.max(window.headMs ?? 0, window.toMs, page.serverNow() ?? 0);
    const d = series
      ? buildPath({
          times: window.times,
          values: series.values,
          x: { domain: [toMs - window.windowMs, toMs], range: [PAD, width - PAD] },
          y: { domain: [min, max], range: [height - PAD, PAD] },
          outages,
          head: window.headMs === undefined ? undefined : { timeMs: window.headMs, value: series.head },
        })
      : '';
    line.current?.setAttribute('d', d);
  };
  const redraw = useLiveDrawing(query, draw);
  redraw();
  return (
    <svg className={styles.spark} width={width} height={height} role="img" aria-label={label}>
      <path ref={line} />
    </svg>
  );
});
