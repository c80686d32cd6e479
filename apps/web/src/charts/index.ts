export { ChartFrame, type ChartFrameProps, type ChartRow, type ChartSeries } from './ChartFrame.tsx';
export { crosshair } from './crosshair.ts';
export { TIME_ZONE } from './frame.ts';
export { Heatmap, type HeatmapProps } from './Heatmap.tsx';
export { HistoryChart, type HistoryChartProps, type HistorySeries } from './HistoryChart.tsx';
export { LiveChart, type LiveChartProps } from './LiveChart.tsx';
export type { Threshold } from './LiveStrokes.tsx';
export { PERCENTILE_COLOURS, seriesColour } from './palette.ts';
export { Sparkline, type SparklineProps } from './Sparkline.tsx';
