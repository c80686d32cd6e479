/** Annotations as a sorted set. Unlike labels, one whose text is empty stays: it is listed and sent with the alert. */
import { compareBytes, Labels } from '@watchroom/model';

/** A repeated name keeps its last text. */
export function annotationSet(pairs: Iterable<readonly [string, string]>): Labels {
  const sorted = [...new Map(pairs)].sort(([a], [b]) => compareBytes(a, b));
  return Labels.fromSorted(
    sorted.map(([name]) => name),
    sorted.map(([, text]) => text),
  );
}
