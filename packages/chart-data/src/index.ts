export { isNone, SeriesWindow, seriesId, WindowSeries } from './series-window.ts';
export {
  fromWire,
  type WindowBlock,
  type WindowFrame,
  type WindowHead,
  type WireNumber,
} from './window-frame.ts';
