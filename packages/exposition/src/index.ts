/** Reads a target's answers; one per target. */

/** Content negotiation: what to ask for, and what came. */
export {
  ACCEPT,
  acceptHeader,
  DEFAULT_PROTOCOLS,
  type ExpositionFormat,
  formatOfProtocol,
  type NameEscaping,
  type Negotiated,
  negotiate,
  type ScrapeProtocol,
} from './format.ts';
/** Files of stored samples, of any length. */
export { OpenMetricsError, OpenMetricsStream, type StreamedSample } from './openmetrics-stream.ts';
export { type ParseResult, ScrapeParser, type ScrapeParserOptions } from './scrape-parser.ts';
/** What samples are handed to. */
export type { BeforeFatal, LineError, SampleSink, SeriesHandle } from './sink.ts';
/** The strict reading of OpenMetrics 1.0. */
export { validateOpenMetrics } from './validate-openmetrics.ts';
