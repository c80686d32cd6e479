/**
 * One registry in two formats. prom-client fixes the format per registry and, when it writes OpenMetrics, strips
 * "_total" from its counters' own names for good, so the second registry holds objects that inherit from the metrics
 * and take the new name in their stead.
 */
import { type Metric, type OpenMetricsContentType, Registry } from 'prom-client';

export interface Exposition {
  /** The text for this Accept header, with its content type. */
  render(accept: string | undefined): Promise<{ readonly contentType: string; readonly body: string }>;
}

export function createExposition(text: Registry): Exposition {
  const open = new Registry<OpenMetricsContentType>();
  open.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  for (const { name } of text.getMetricsAsArray()) {
    const metric = text.getSingleMetric(name);
    const view: Metric<string> = Object.create(metric ?? null);
    open.registerMetric(view);
  }
  return {
    async render(accept) {
      const registry = prefersOpenMetrics(accept) ? open : text;
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}

/** By the quality values of RFC 9110, section 12.5.1; text/plain where neither is asked for. */
export function prefersOpenMetrics(accept: string | undefined): boolean {
  const quality = new Map<string, number>();
  for (const range of (accept ?? '').split(',')) {
    const [type, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    if (!type) continue;
    const q = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
    const version = parameters.find((parameter) => parameter.startsWith('version='))?.slice(8);
    if (type === 'application/openmetrics-text' && version !== undefined && version !== '1.0.0') continue;
    quality.set(type, Math.max(quality.get(type) ?? 0, Number.isFinite(q) ? q : 0));
  }
  const open = quality.get('application/openmetrics-text') ?? 0;
  const plain = quality.get('text/plain') ?? 0;
  return open > 0 && open >= plain;
}

/** Writes a time behind each sample and exemplar: seconds in OpenMetrics, milliseconds in the text format. */
export function stamp(body: string, contentType: string, timeMs: number): string {
  const time = contentType.startsWith('application/openmetrics-text') ? (timeMs / 1000).toFixed(3) : timeMs;
  return body.replaceAll(/^([^#\n].*?)(?:( # \{.*\} \S+) \S+)?$/gm, (_line, sample, exemplar) =>
    exemplar === undefined ? `${sample} ${time}` : `${sample} ${time}${exemplar} ${time}`,
  );
}
