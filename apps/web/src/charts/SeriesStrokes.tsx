/** The lines or stacked bands of a chart of many series, memoised: the pointer redraws only the lifted line. */
import { buildArea, buildPath, type LinearScale } from '@watchroom/chart-data';
import type { Outage } from '@watchroom/contract';
import { memo, useMemo } from 'react';
import styles from './SeriesChart.module.css';
import type { ChartLine, StackedLine } from './series-geometry.ts';

export interface SeriesStrokesProps {
  readonly times: ArrayLike<number>;
  readonly lines: readonly (ChartLine | StackedLine)[];
  readonly x: LinearScale;
  readonly y: LinearScale;
  readonly outages: readonly Outage[];
  /** Drawn over the others, which fade. */
  readonly lifted: string | undefined;
}

interface Drawn {
  readonly name: string;
  readonly colour: string;
  readonly line: string;
  readonly band: string | undefined;
}

export const SeriesStrokes = memo(function SeriesStrokes(props: SeriesStrokesProps) {
  const { times, lines, x, y, outages, lifted } = props;
  const drawn = useMemo(
    () =>
      lines.map<Drawn>((line) => {
        const bands = 'upper' in line ? line : undefined;
        const common = { times, x, y, outages };
        return {
          name: line.name,
          colour: line.colour,
          line: buildPath({ ...common, values: bands?.upper ?? line.values }),
          band: bands && buildArea({ ...common, values: bands.upper, lower: bands.lower }),
        };
      }),
    [times, lines, x, y, outages],
  );
  const up = lifted === undefined ? undefined : drawn.find(({ name }) => name === lifted);
  return (
    <>
      <Everything drawn={drawn} faded={up !== undefined} />
      {up && <path className={styles.lifted} d={up.line} style={{ stroke: up.colour }} />}
    </>
  );
});

const Everything = memo(function Everything({ drawn, faded }: { drawn: readonly Drawn[]; faded: boolean }) {
  return (
    <g className={styles.lines} data-faded={faded || undefined}>
      {drawn.map(
        ({ name, colour, band }) =>
          band !== undefined && <path key={name} className={styles.band} d={band} style={{ fill: colour }} />,
      )}
      {drawn.map(({ name, colour, line }) => (
        <path key={name} d={line} style={{ stroke: colour }} data-series={name} />
      ))}
    </g>
  );
});
