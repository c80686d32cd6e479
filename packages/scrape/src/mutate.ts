/**
 * A sample's final labels: the target's labels, honor_labels, metric_relabel_configs, limits.
 * Source: Prometheus scrape/scrape.go mutateSampleLabels, resolveConflictingExposedLabels, verifyLabelLimits.
 */
import type { ScrapeConfig } from '@watchroom/config';
import { compareBytes, Labels } from '@watchroom/model';
import { isLabelName, relabel } from '@watchroom/relabel';
import type { LimitKind } from './observer.ts';

/** Joins a sample's own labels with its target's; what clashes gets `exported_` unless `honor`. */
export function joinLabels(own: Labels, target: Labels, honor: boolean): Labels {
  return merged(own, target) ?? joinedWithClashes(own, target, honor);
}

/** Undefined when a name is in both. */
function merged(own: Labels, target: Labels): Labels | undefined {
  const names: string[] = [];
  const values: string[] = [];
  let at = 0;
  for (let i = 0; i < own.size; i++) {
    const name = own.names[i]!;
    for (; at < target.size; at++) {
      const order = compareBytes(target.names[at]!, name);
      if (order > 0) break;
      if (order === 0) return undefined;
      names.push(target.names[at]!);
      values.push(target.values[at]!);
    }
    names.push(name);
    values.push(own.values[i]!);
  }
  for (; at < target.size; at++) {
    names.push(target.names[at]!);
    values.push(target.values[at]!);
  }
  return Labels.fromSorted(names, values);
}

function joinedWithClashes(own: Labels, target: Labels, honor: boolean): Labels {
  const set = new Map(own.pairs());
  const clashes: [string, string][] = [];
  for (const [name, value] of target.pairs()) {
    const exposed = set.get(name);
    if (exposed === undefined) set.set(name, value);
    else if (!honor) {
      clashes.push([name, exposed]);
      set.set(name, value);
    }
  }
  clashes.sort(([a], [b]) => a.length - b.length);
  for (const [name, value] of clashes) {
    let moved = `exported_${name}`;
    while (set.has(moved)) moved = `exported_${moved}`;
    set.set(moved, value);
  }
  return Labels.fromPairs(set);
}

/** The final labels, `undefined` for a series that relabelling drops, or why the whole scrape fails. */
export type Mutated =
  | { readonly labels: Labels }
  | { readonly labels: undefined }
  | { readonly fault: string; readonly limit: LimitKind | undefined };

export function mutate(own: Labels, target: Labels, config: ScrapeConfig): Mutated {
  const joined = joinLabels(own, target, config.honorLabels);
  const labels = relabel(joined, config.metricRelabelConfigs);
  if (!labels || labels.size === 0) return { labels: undefined };
  if (labels.metricName === '') return { fault: 'missing metric name (__name__ label)', limit: undefined };
  if (config.nameValidation === 'legacy' && !isLegacy(labels))
    return { fault: `invalid metric name or label names: ${labels}`, limit: undefined };
  return overLimit(labels, config) ?? { labels: labels.interned() };
}

function isLegacy(labels: Labels): boolean {
  return (
    /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(labels.metricName) &&
    labels.names.every((name) => isLabelName(name, 'legacy'))
  );
}

function overLimit(
  labels: Labels,
  config: ScrapeConfig,
): { readonly fault: string; readonly limit: LimitKind } | undefined {
  const { labelLimit, labelNameLengthLimit, labelValueLengthLimit } = config;
  const metric = `metric: ${labels.metricName.slice(0, 50)}`;
  if (labelLimit > 0 && labels.size > labelLimit) {
    const numbers = `number of labels: ${labels.size}, limit: ${labelLimit}`;
    return { fault: `label_limit exceeded (${metric}, ${numbers})`, limit: 'label' };
  }
  if (labelNameLengthLimit === 0 && labelValueLengthLimit === 0) return undefined;
  for (const [name, value] of labels.pairs()) {
    const label = `${metric}, label name: ${name.slice(0, 50)}`;
    const nameLength = Buffer.byteLength(name);
    if (labelNameLengthLimit > 0 && nameLength > labelNameLengthLimit) {
      const numbers = `length: ${nameLength}, limit: ${labelNameLengthLimit}`;
      return { fault: `label_name_length_limit exceeded (${label}, ${numbers})`, limit: 'label_name_length' };
    }
    const length = Buffer.byteLength(value);
    if (labelValueLengthLimit > 0 && length > labelValueLengthLimit) {
      const numbers = `value: ${JSON.stringify(value.slice(0, 50))}, length: ${length}, limit: ${labelValueLengthLimit}`;
      return {
        fault: `label_value_length_limit exceeded (${label}, ${numbers})`,
        limit: 'label_value_length',
      };
    }
  }
  return undefined;
}
