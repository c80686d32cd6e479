/** One subject of a machine; for collectors of one's own. */
export type { Collector, CollectorContext } from './collector.ts';
/** Builds text format 0.0.4. */
export { Exposition, Family, type FamilyType, type LabelPairs, labelText } from './exposition.ts';
/** This machine's metrics as text. */
export { HostCollector, type HostCollectorOptions } from './host-collector.ts';
