import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { ExemplarLayer } from './ExemplarLayer.tsx';
import type { ExemplarPoint } from './thin-exemplars.ts';

afterEach(cleanup);

const PLOT = { left: 0, top: 0, right: 240, bottom: 100 };
const point = (timeMs: number, value: number): ExemplarPoint => ({
  labels: { trace_id: `trace-${timeMs}` },
  seriesLabels: { __name__: 'm' },
  value,
  timeMs,
});

function layer(exemplars: readonly ExemplarPoint[], fromMs = 0) {
  return (
    <ExemplarLayer
      exemplars={exemplars}
      plot={PLOT}
      xDomain={[fromMs, fromMs + 1_000]}
      yDomain={[0, 10]}
      unit="seconds"
    />
  );
}

const points = () => screen.getAllByRole('button', { name: /^Exemplar/ });

it('a point that has the focus stays when higher ones come beside it, and its card can be entered', () => {
  const { rerender } = render(layer([point(550, 1)]));
  const focused = points()[0]!;
  focused.focus();
  rerender(layer([point(550, 1), point(560, 5), point(570, 6)], 1));
  expect(points()).toHaveLength(3);
  expect(document.activeElement).toBe(focused);
  fireEvent.click(focused);
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Copy trace_id' }));
  expect(screen.getByRole('dialog').textContent).toContain('trace-550');
});

it('a card of a point that has left the chart goes, unless it was pinned', () => {
  const exemplars = [point(100, 1), point(900, 1)];
  const { rerender } = render(layer(exemplars));
  fireEvent.pointerEnter(points()[0]!);
  expect(screen.getByRole('dialog').textContent).toContain('trace-100');
  rerender(layer(exemplars, 200));
  expect(screen.queryByRole('dialog')).toBeNull();
  rerender(layer(exemplars));
  fireEvent.click(points()[0]!);
  rerender(layer(exemplars, 200));
  expect(screen.getByRole('dialog').textContent).toContain('trace-100');
});
