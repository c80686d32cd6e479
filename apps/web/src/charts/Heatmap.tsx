/**
 * A heatmap on a canvas: one canvas pixel per cell, written with putImageData and scaled up by CSS. A cell without a value
 * stays transparent over a hatched ground, so that it cannot be taken for a low one. The whole is one control: the
 * pointer or the arrow keys choose a cell, whose text is shown and read out.
 */
import { colourTable, cssColour, type HeatGrid, paintCells, type ScaleName } from '@watchroom/chart-data';
import { type KeyboardEvent, type PointerEvent, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useTheme } from '../app/theme.ts';
import { FitText } from '../components/FitText.tsx';
import { useRootSize } from '../design/root-size.ts';
import { useSize } from '../hooks/use-size.ts';
import { useT } from '../i18n/i18n.tsx';
import styles from './Heatmap.module.css';

export interface HeatmapProps {
  readonly grid: HeatGrid;
  readonly rowNames: readonly string[];
  /** Text of a column's time, for axis and cell. */
  readonly columnNames: readonly string[];
  readonly domain: readonly [number, number];
  readonly scale: 'heat' | 'latency';
  readonly format: (value: number) => string;
  readonly label: string;
  /** The last column is not complete yet. */
  readonly openColumn?: boolean;
  readonly rowLabels?: boolean;
  /** Shown in the foot while no cell is chosen. */
  readonly note?: string | undefined;
}

interface Cell {
  readonly row: number;
  readonly column: number;
}

const NONE = 0;
const LABEL_EVERY_PX = 72;
const ROW_LABEL_REM = 7;
/** A few rows stay rows, however tall the panel. */
const MAX_ROW_REM = 2.5;

export function Heatmap(props: HeatmapProps) {
  const { grid, rowNames, columnNames, domain, format, label, openColumn = false, rowLabels = true } = props;
  const t = useT();
  const theme = useTheme();
  const rem = useRootSize();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [ref, size] = useSize();
  const [cell, setCell] = useState<Cell | undefined>();
  const scale: ScaleName = `${props.scale}-${theme}`;
  const table = useMemo(() => colourTable(scale), [scale]);
  useLayoutEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context || grid.columns === 0 || grid.rows === 0) return;
    element.width = grid.columns;
    element.height = grid.rows;
    const image = context.createImageData(grid.columns, grid.rows);
    paintCells(grid, new Uint32Array(image.data.buffer), { table, domain, empty: NONE });
    context.putImageData(image, 0, 0);
  }, [grid, table, domain]);
  const cellWidth = size.width / Math.max(1, grid.columns);
  const cellHeight = size.height / Math.max(1, grid.rows);
  const text =
    cell && cellText(props, cell, t('heatmap.missing'), openColumn ? t('heatmap.current') : undefined);
  const every = Math.max(1, Math.ceil(LABEL_EVERY_PX / Math.max(1, cellWidth)));
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const column = Math.floor((event.clientX - box.left) / cellWidth);
    const row = Math.floor((event.clientY - box.top) / cellHeight);
    setCell(row < grid.rows && column < grid.columns ? { row, column } : undefined);
  };
  return (
    <div className={styles.heatmap}>
      <div className={styles.main} style={{ maxHeight: `${grid.rows * MAX_ROW_REM}rem` }}>
        {rowLabels && (
          <div className={styles.rows} aria-hidden="true">
            {rowNames.map((name) => (
              <span key={name} className={styles.row}>
                <FitText
                  text={name}
                  widthPx={ROW_LABEL_REM * rem}
                  fontPx={Math.min(0.6875 * rem, cellHeight)}
                  minFontPx={Math.min(0.5625 * rem, cellHeight)}
                  weight={400}
                />
              </span>
            ))}
          </div>
        )}
        <button
          ref={ref}
          type="button"
          className={styles.field}
          aria-label={`${label}. ${text ?? t('heatmap.keys')}`}
          onPointerMove={onPointerMove}
          onPointerLeave={() => setCell(undefined)}
          onFocus={() => setCell((was) => was ?? { row: 0, column: grid.columns - 1 })}
          onBlur={() => setCell(undefined)}
          onKeyDown={(event) => {
            const next = moved(event, cell, grid);
            if (next) setCell(next);
          }}
        >
          <canvas ref={canvas} className={styles.canvas} />
          <span
            className={styles.lines}
            style={{ backgroundSize: `${cellWidth}px ${cellHeight}px` }}
            aria-hidden="true"
          />
          {openColumn && grid.columns > 0 && (
            <span
              className={styles.open}
              style={{ left: (grid.columns - 1) * cellWidth, width: cellWidth }}
            />
          )}
          {cell && (
            <span
              className={styles.cell}
              style={{
                left: cell.column * cellWidth,
                top: cell.row * cellHeight,
                width: cellWidth,
                height: cellHeight,
              }}
            />
          )}
        </button>
      </div>
      <div className={styles.columns} data-labelled={rowLabels} aria-hidden="true">
        {columnNames.map((name, i) =>
          (grid.columns - 1 - i) % every === 0 && i * cellWidth > LABEL_EVERY_PX / 2 ? (
            <span key={name} style={{ left: `${((i + 1) / grid.columns) * 100}%` }}>
              {name}
            </span>
          ) : null,
        )}
      </div>
      <div className={styles.foot}>
        <output className={styles.text}>{text ?? props.note}</output>
        {text === undefined && <Scale table={table} domain={domain} format={format} />}
      </div>
    </div>
  );
}

function cellText(
  props: HeatmapProps,
  { row, column }: Cell,
  missing: string,
  open: string | undefined,
): string {
  const value = props.grid.cells[row * props.grid.columns + column] ?? Number.NaN;
  const shown = Number.isNaN(value) ? missing : props.format(value);
  const suffix = open && column === props.grid.columns - 1 ? ` (${open})` : '';
  return `${props.rowNames[row] ?? ''} · ${props.columnNames[column] ?? ''}${suffix} · ${shown}`;
}

function moved(event: KeyboardEvent, cell: Cell | undefined, grid: HeatGrid): Cell | undefined {
  const by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
  if (!by) return undefined;
  event.preventDefault();
  const from = cell ?? { row: 0, column: grid.columns - 1 };
  const clamp = (at: number, count: number): number => Math.min(count - 1, Math.max(0, at));
  return { row: clamp(from.row + by[0]!, grid.rows), column: clamp(from.column + by[1]!, grid.columns) };
}

const STOPS = [0, 32, 64, 96, 128, 160, 192, 224, 255];

function Scale({
  table,
  domain,
  format,
}: {
  table: Uint32Array;
  domain: readonly [number, number];
  format: (value: number) => string;
}) {
  const t = useT();
  const colours = STOPS.map((stop) => cssColour(table[stop] ?? 0)).join(', ');
  return (
    <span className={styles.scale}>
      <span className={styles.missing} />
      <span>{t('heatmap.missing')}</span>
      <span>{format(domain[0])}</span>
      <span className={styles.ramp} style={{ background: `linear-gradient(to right, ${colours})` }} />
      <span>{format(domain[1])}</span>
    </span>
  );
}
