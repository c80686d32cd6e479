import { type LinearScale, project } from '@watchroom/chart-data';
import { useEffect, useRef } from 'react';
import { crosshair } from './crosshair.ts';
import type { PlotArea } from './frame.ts';
import styles from './SeriesChart.module.css';

export interface SeriesCrosshairProps {
  readonly plot: PlotArea;
  readonly x: LinearScale;
  /** Px, while the pointer drags over a span. */
  readonly drag: { readonly fromPx: number; readonly toPx: number } | undefined;
}

/** The line at the shared time, moved outside React, and the span that is being dragged over. */
export function SeriesCrosshair({ plot, x, drag }: SeriesCrosshairProps) {
  const cross = useRef<SVGLineElement>(null);
  useEffect(() => {
    const toX = project(x);
    const place = (timeMs: number | undefined) => {
      const line = cross.current;
      if (!line) return;
      const inside = timeMs !== undefined && timeMs >= x.domain[0] && timeMs <= x.domain[1];
      line.style.display = inside ? '' : 'none';
      if (inside) line.setAttribute('transform', `translate(${toX(timeMs)},0)`);
    };
    place(crosshair.timeMs);
    return crosshair.subscribe(place);
  }, [x]);
  return (
    <>
      <line ref={cross} className={styles.cross} y1={plot.top} y2={plot.bottom} style={{ display: 'none' }} />
      {drag && (
        <rect
          className={styles.zoom}
          x={Math.min(drag.fromPx, drag.toPx)}
          width={Math.abs(drag.toPx - drag.fromPx)}
          y={plot.top}
          height={plot.bottom - plot.top}
        />
      )}
    </>
  );
}
