/** Names and values that the style guide shows; not texts of the interface. */
export const SURFACE_TOKENS = ['surface-0', 'surface-1', 'surface-2', 'surface-3', 'border', 'border-strong'];
export const TEXT_TOKENS = ['text-1', 'text-2', 'text-3', 'accent'];
export const STATE_TOKENS = ['healthy', 'warning', 'critical', 'unknown', 'late'].map(
  (name) => `state-${name}`,
);
export const SERIES_TOKENS = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `series-${n}`);
export const TYPE_SIZES = ['2xs', 'xs', 'sm', 'md', 'lg', 'xl', '2xl', '3xl'];

export interface SampleRow {
  readonly service: string;
  readonly score: number | undefined;
  readonly requests: number;
}
export const SAMPLE_ROWS: readonly SampleRow[] = [
  { service: 'checkout', score: 98.2, requests: 1240 },
  { service: 'order', score: 31.7, requests: 880 },
  { service: 'payment', score: 64.1, requests: 412 },
  { service: 'recommendation-feature-store', score: undefined, requests: 0 },
];
