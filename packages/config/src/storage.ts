/** `storage`, `otlp` and `runtime`: what Prometheus accepts there, and what of it counts here. */
import { notUsed } from './global.ts';
import type { Place } from './place.ts';
import { bool, byteSize, decimal, duration, integer, list, oneOf, readObject, text } from './read.ts';
import type { StorageConfig } from './types.ts';

/** Prometheus' default: config.DefaultExemplarsConfig. */
const DEFAULT_MAX_EXEMPLARS = 100_000;

const OURS = 'set watchroom.storage.retention and watchroom.storage.max_size';

/** Reads `storage`; gives Prometheus' defaults for an absent section. */
export function readStorage(place: Place): StorageConfig {
  const raw = readObject(place, {
    tsdb: (tsdb) =>
      readObject(tsdb, {
        out_of_order_time_window: duration,
        stale_series_compaction_threshold: unusedDecimal,
        retention: readRetention,
        chunk_encoding: (encoding) => {
          readObject(encoding, { floats: oneOf(['xor', 'xor2']) });
          return notUsed('the store chooses its own encoding')(encoding);
        },
      }),
    exemplars: (exemplars) => readObject(exemplars, { max_exemplars: integer(Number.MIN_SAFE_INTEGER) }),
  });
  return {
    outOfOrderTimeWindowMs: raw?.tsdb?.out_of_order_time_window ?? 0,
    maxExemplars: raw?.exemplars?.max_exemplars ?? DEFAULT_MAX_EXEMPLARS,
  };
}

function readRetention(place: Place): undefined {
  readObject(place, { time: duration, size: byteSize, percentage: decimal(0, 100) });
  return notUsed(OURS)(place);
}

function unusedDecimal(place: Place): undefined {
  decimal(0, 1)(place);
  return notUsed('the store has no such setting')(place);
}

/** The `otlp` section: checked, not used. `validation` is the global name validation. */
export function readOtlp(place: Place, validation: 'utf8' | 'legacy'): void {
  if (place.kind === 'null') return;
  const raw = readObject(place, {
    promote_all_resource_attributes: bool,
    promote_resource_attributes: readAttributes,
    ignore_resource_attributes: readAttributes,
    translation_strategy: oneOf([
      'UnderscoreEscapingWithSuffixes',
      'UnderscoreEscapingWithoutSuffixes',
      'NoUTF8EscapingWithSuffixes',
      'NoTranslation',
    ]),
    keep_identifying_resource_attributes: bool,
    convert_histograms_to_nhcb: bool,
    promote_scope_metadata: bool,
    label_name_underscore_sanitization: bool,
    label_name_preserve_multiple_underscores: bool,
  });
  const strategy = raw?.translation_strategy ?? '';
  if (strategy.startsWith('No') && validation === 'legacy')
    place.problem(
      `otlp.translation_strategy: OTLP translation strategy ${JSON.stringify(strategy)} is not allowed when UTF8 is disabled`,
      'remove "metric_name_validation_scheme: legacy"',
    );
  const all = raw?.promote_all_resource_attributes ?? false;
  if (!all && (raw?.ignore_resource_attributes?.length ?? 0) > 0)
    place.problem(
      "otlp: 'ignore_resource_attributes' cannot be configured unless 'promote_all_resource_attributes' is true",
      'add "promote_all_resource_attributes: true"',
    );
  if (all && (raw?.promote_resource_attributes?.length ?? 0) > 0)
    place.problem(
      "otlp: 'promote_all_resource_attributes' and 'promote_resource_attributes' cannot be configured simultaneously",
      'keep one',
    );
  notUsed('watchroom takes no OTLP')(place);
}

function readAttributes(place: Place): readonly string[] | undefined {
  const names = list(text)(place)?.map((name) => name.trim());
  if (!names) return undefined;
  if (names.includes('')) place.problem(`${place.name}: empty resource attribute`, 'remove it');
  if (new Set(names).size < names.length)
    place.problem(`${place.name}: duplicated resource attribute`, 'name each once');
  return names;
}

/** The `runtime` section: checked, not used. */
export function readRuntime(place: Place): void {
  if (place.kind === 'null') return;
  readObject(place, { gogc: integer(-1) });
  notUsed("it sets Prometheus' own Go runtime")(place);
}
