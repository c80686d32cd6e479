/**
 * The strokes of a live chart: <path>s written in the page's animation frame from the query's typed arrays, with the
 * bands of outages, thresholds and the crosshair. React renders it when the frame changes, never per sample.
 */
import { buildArea, buildPath, type LinearScale, project, type WindowSeries } from '@watchroom/chart-data';
import type { Outage } from '@watchroom/contract';
import { useEffect, useLayoutEffect, useRef } from 'react';
import { usePlotArea } from 'recharts';
import type { State } from '../design/state.ts';
import { type LiveQuery, useLiveDrawing } from '../live/index.ts';
import { crosshair } from './crosshair.ts';
import styles from './LiveChart.module.css';
import { PlotGround } from './PlotGround.tsx';

export interface Threshold {
  readonly value: number;
  readonly state: State;
}

export interface LiveStrokesProps {
  readonly query: LiveQuery;
  readonly xDomain: readonly [number, number];
  readonly yDomain: readonly [number, number];
  readonly outages: readonly Outage[];
  readonly thresholds: readonly Threshold[];
  readonly area: boolean;
  /** Series to draw, in the order of colours. */
  readonly pick: (series: readonly WindowSeries[]) => readonly WindowSeries[];
  readonly colourOf: (series: WindowSeries, index: number) => string;
  /** Called in the frame before drawing; new data may need another frame. */
  readonly onDraw: () => void;
}

const SVG = 'http://www.w3.org/2000/svg';

/** The n-th path of a group, made when it is missing. */
function pathAt(group: SVGGElement, index: number): SVGPathElement {
  const existing = group.children[index];
  if (existing) return existing as SVGPathElement;
  const path = document.createElementNS(SVG, 'path');
  group.append(path);
  return path;
}

function write(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

export function LiveStrokes(props: LiveStrokesProps) {
  const { query, xDomain, yDomain, outages, thresholds, area } = props;
  const plot = usePlotArea();
  const lines = useRef<SVGGElement>(null);
  const areas = useRef<SVGGElement>(null);
  const cross = useRef<SVGLineElement>(null);
  const x: LinearScale = { domain: xDomain, range: [plot?.x ?? 0, (plot?.x ?? 0) + (plot?.width ?? 0)] };
  const y: LinearScale = { domain: yDomain, range: [(plot?.y ?? 0) + (plot?.height ?? 0), plot?.y ?? 0] };
  const draw = () => {
    props.onDraw();
    if (!lines.current || !areas.current || yDomain[0] === yDomain[1]) return;
    const { window } = query;
    const shown = props.pick(window.series);
    shown.forEach((series, i) => {
      const input = {
        times: window.times,
        values: series.values,
        x,
        y,
        outages,
        head: window.headMs === undefined ? undefined : { timeMs: window.headMs, value: series.head },
      };
      const colour = props.colourOf(series, i);
      const line = pathAt(lines.current!, i);
      write(line, 'd', buildPath(input));
      write(line, 'style', `stroke: ${colour}`);
      if (!area) return;
      const filled = pathAt(areas.current!, i);
      write(filled, 'd', buildArea(input));
      write(filled, 'style', `fill: ${colour}`);
    });
    for (const group of [lines.current, areas.current]) {
      while (group.children.length > shown.length) group.lastElementChild?.remove();
    }
  };
  const redraw = useLiveDrawing(query, draw);
  useLayoutEffect(redraw);
  useEffect(() => {
    const place = (timeMs: number | undefined) => {
      const line = cross.current;
      if (!line) return;
      const inside = timeMs !== undefined && timeMs >= xDomain[0] && timeMs <= xDomain[1];
      line.style.display = inside ? '' : 'none';
      if (inside) line.setAttribute('transform', `translate(${project(x)(timeMs)},0)`);
    };
    place(crosshair.timeMs);
    return crosshair.subscribe(place);
  });
  if (!plot) return null;
  const [left, right] = [plot.x, plot.x + plot.width];
  const ground = { left, right, top: plot.y, bottom: plot.y + plot.height };
  const toY = project(y);
  return (
    <g className={styles.strokes}>
      <PlotGround plot={ground} x={x} outages={outages}>
        {thresholds.map(({ value, state }) => (
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
        <g ref={areas} className={styles.areas} />
        <g ref={lines} className={styles.lines} />
        <line
          ref={cross}
          className={styles.cross}
          y1={plot.y}
          y2={plot.y + plot.height}
          style={{ display: 'none' }}
        />
      </PlotGround>
    </g>
  );
}
