export { buildArea, buildPath, type LinearScale, type PathInput, project } from './build-path.ts';
export {
  colourOf,
  colourTable,
  cssColour,
  type Oklch,
  SCALES,
  type ScaleName,
  toSrgb,
} from './colour-scale.ts';
export { formatUnit, NO_VALUE, UNITS, type Unit, type UnitLocale, unitOfMetric } from './format-unit.ts';
export {
  type BucketGrid,
  type BucketRow,
  bucketCells,
  type HeatGrid,
  paintCells,
  rowCells,
} from './heat-cells.ts';
export { isNone, SeriesWindow, seriesId, WindowSeries } from './series-window.ts';
export { type DomainOptions, extent, type NiceTicks, niceDomain, niceTicks } from './ticks.ts';
export { formatTimeTick, type TimeTicks, timeTicks, zoneOffsetMs } from './time-ticks.ts';
export {
  fromWire,
  type WindowBlock,
  type WindowFrame,
  type WindowHead,
  type WireNumber,
} from './window-frame.ts';
