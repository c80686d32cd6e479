/** Texts of warnings and infos that several functions give. */
import { quote } from '../parser/go-strings.ts';

/** Adds the metric's name when there is one. */
export function forMetric(message: string, name: string): string {
  return name === '' ? message : `${message} for metric name ${quote(name)}`;
}

export function mixedMessage(name: string): string {
  return `encountered a mix of histograms and floats for metric name ${quote(name)}`;
}

export function mixedSchemasMessage(name: string): string {
  return `vector contains a mix of histograms with exponential and custom buckets schemas for metric name ${quote(name)}`;
}

export function reconciledMessage(operation: 'addition' | 'subtraction' | 'aggregation'): string {
  return `mismatched custom buckets were reconciled during ${operation}`;
}

export function resetCollisionMessage(operation: 'addition' | 'subtraction' | 'aggregation'): string {
  return `conflicting counter resets during histogram ${operation}`;
}
