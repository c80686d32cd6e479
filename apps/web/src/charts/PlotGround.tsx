/** What strokes are drawn on: the plot's clip, and the hatched bands of the server's outages below them. */
import { type LinearScale, project } from '@watchroom/chart-data';
import type { Outage } from '@watchroom/contract';
import { type ReactNode, useId } from 'react';
import type { PlotArea } from './frame.ts';
import styles from './PlotGround.module.css';

/** Lines at the very top and bottom keep their whole width. */
const OVER = 2;

export interface PlotGroundProps {
  readonly plot: PlotArea;
  readonly x: LinearScale;
  readonly outages: readonly Outage[];
  readonly children: ReactNode;
}

/** Stands within an <svg>. */
export function PlotGround({ plot, x, outages, children }: PlotGroundProps) {
  const id = useId();
  const toX = project(x);
  const height = plot.bottom - plot.top;
  return (
    <>
      <defs>
        <clipPath id={`${id}clip`}>
          <rect x={plot.left} y={plot.top - OVER} width={plot.right - plot.left} height={height + 2 * OVER} />
        </clipPath>
        <pattern
          id={`${id}hatch`}
          width="6"
          height="6"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect width="2" height="6" className={styles.hatch} />
        </pattern>
      </defs>
      <g clipPath={`url(#${id}clip)`}>
        {outages.map(({ fromMs, toMs }) => (
          <rect
            key={fromMs}
            x={toX(fromMs)}
            y={plot.top}
            width={Math.max(0, toX(toMs) - toX(fromMs))}
            height={height}
            fill={`url(#${id}hatch)`}
          />
        ))}
        {children}
      </g>
    </>
  );
}
