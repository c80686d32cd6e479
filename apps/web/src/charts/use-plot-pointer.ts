/** The pointer over a plot: which time and line it is at, and the span that it drags over. */
import type { LinearScale } from '@watchroom/chart-data';
import { type PointerEvent, useState } from 'react';
import { crosshair } from './crosshair.ts';
import { nearestLine, nearestTime } from './series-geometry.ts';

export interface PlotPointer {
  /** Place in `times`; undefined while the pointer is elsewhere. */
  readonly at: number | undefined;
  /** Place in `columns` of the nearest line. */
  readonly line: number | undefined;
  /** Px of the time from the left of the chart. */
  readonly xPx: number;
  readonly drag: { readonly fromPx: number; readonly toPx: number } | undefined;
  /** The time before or after, for the keyboard. */
  readonly step: (by: number) => void;
  readonly handlers: {
    readonly onPointerDown: (event: PointerEvent<HTMLElement>) => void;
    readonly onPointerMove: (event: PointerEvent<HTMLElement>) => void;
    readonly onPointerUp: (event: PointerEvent<HTMLElement>) => void;
    readonly onPointerLeave: () => void;
    readonly onPointerCancel: () => void;
    readonly onBlur: () => void;
  };
}

interface Options {
  readonly times: ArrayLike<number>;
  readonly columns: readonly ArrayLike<number>[];
  readonly x: LinearScale;
  readonly y: LinearScale;
  readonly onZoom: ((fromMs: number, toMs: number) => void) | undefined;
}

/** A shorter drag is a press. */
const LEAST_DRAG_PX = 6;

export function usePlotPointer({ times, columns, x, y, onZoom }: Options): PlotPointer {
  const [place, setPlace] = useState<{ timeMs: number; yPx: number | undefined } | undefined>();
  const [drag, setDrag] = useState<{ fromPx: number; toPx: number } | undefined>();
  const [pressedPx, setPressedPx] = useState<number | undefined>();
  const [left, right] = x.range;
  const toTime = (px: number): number =>
    x.domain[0] + ((px - left) / (right - left)) * (x.domain[1] - x.domain[0]);
  const found = place === undefined ? -1 : nearestTime(times, place.timeMs);
  const at = found < 0 ? undefined : found;
  const line =
    at === undefined || place?.yPx === undefined ? undefined : nearestLine(columns, at, place.yPx, y);
  const inside = (px: number): number => Math.min(right, Math.max(left, px));
  const leave = () => {
    setPlace(undefined);
    crosshair.set(undefined);
  };
  const stop = () => {
    setDrag(undefined);
    setPressedPx(undefined);
  };
  const local = (event: PointerEvent<HTMLElement>): readonly [number, number] => {
    const box = event.currentTarget.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const share = at === undefined ? 0 : (times[at]! - x.domain[0]) / (x.domain[1] - x.domain[0]);
  return {
    at,
    line,
    xPx: left + share * (right - left),
    drag,
    step: (by) => {
      const last = times.length - 1;
      if (last < 0) return;
      const next = at === undefined ? last : Math.min(last, Math.max(0, at + by));
      setPlace({ timeMs: times[next]!, yPx: undefined });
      crosshair.set(times[next]);
    },
    handlers: {
      onPointerDown: (event) => {
        if (!onZoom || event.button !== 0 || event.pointerType === 'touch') return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setPressedPx(inside(local(event)[0]));
      },
      onPointerMove: (event) => {
        const [px, py] = local(event);
        if (pressedPx !== undefined) {
          const toPx = inside(px);
          if (drag || Math.abs(toPx - pressedPx) >= LEAST_DRAG_PX) setDrag({ fromPx: pressedPx, toPx });
        }
        if (px < left || px > right) return leave();
        const timeMs = toTime(px);
        setPlace({ timeMs, yPx: py });
        crosshair.set(timeMs);
      },
      onPointerUp: () => {
        if (drag) onZoom?.(toTime(drag.fromPx), toTime(drag.toPx));
        stop();
      },
      onPointerLeave: () => {
        if (pressedPx === undefined) leave();
      },
      onPointerCancel: stop,
      onBlur: leave,
    },
  };
}
