/**
 * Addresses that a portal may frame:
 *   /embed/service/NAME
 *   /embed/panel/service/NAME/PANEL        PANEL: score, latency, traffic, errors, saturation, heatmap
 *   /embed/panel/query?query=…&title=…&unit=…&window=15m
 * `?theme=dark|light` and `?lang=en|zh` work on all of them; panels take `?window=` (1m to 24h), saturation `?resource=`.
 */
import { UNITS, type Unit } from '@watchroom/chart-data';
import { parseDuration } from '@watchroom/model';

export const EMBED_PANELS = ['score', 'latency', 'traffic', 'errors', 'saturation', 'heatmap'] as const;
export type EmbedPanelId = (typeof EMBED_PANELS)[number];

export type EmbedRoute =
  | { readonly kind: 'service'; readonly service: string }
  | {
      readonly kind: 'panel';
      readonly service: string;
      readonly panel: EmbedPanelId;
      readonly windowMs: number;
      readonly resource: string | undefined;
    }
  | {
      readonly kind: 'query';
      readonly query: string;
      readonly title: string;
      readonly unit: Unit;
      readonly windowMs: number;
    };

const DEFAULT_WINDOW_MS = 900_000;
const LEAST_WINDOW_MS = 60_000;
const MOST_WINDOW_MS = 86_400_000;

const isPanel = (text: string | undefined): text is EmbedPanelId =>
  EMBED_PANELS.some((each) => each === text);
const isUnit = (text: string | null): text is Unit => UNITS.some((each) => each === text);

function windowOf(parameters: URLSearchParams): number {
  const windowMs = parseDuration(parameters.get('window') ?? '');
  if (windowMs === undefined) return DEFAULT_WINDOW_MS;
  return Math.min(MOST_WINDOW_MS, Math.max(LEAST_WINDOW_MS, windowMs));
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Undefined when the address names nothing to embed. `path` as in the address bar, still encoded. */
export function parseEmbed(path: string, parameters: URLSearchParams): EmbedRoute | undefined {
  const parts = path
    .replace(/^\/embed\//, '')
    .replace(/\/$/, '')
    .split('/');
  const [first, second, third, fourth] = parts.map(decoded);
  const windowMs = windowOf(parameters);
  if (first === 'service' && second && parts.length === 2) return { kind: 'service', service: second };
  if (first !== 'panel') return undefined;
  if (second === 'query' && parts.length === 2) {
    const query = parameters.get('query')?.trim();
    if (!query) return undefined;
    const unit = parameters.get('unit');
    return {
      kind: 'query',
      query,
      title: parameters.get('title') ?? query,
      unit: isUnit(unit) ? unit : 'short',
      windowMs,
    };
  }
  if (second !== 'service' || !third || !isPanel(fourth) || parts.length !== 4) return undefined;
  const resource = parameters.get('resource') || undefined;
  return { kind: 'panel', service: third, panel: fourth, windowMs, resource };
}
