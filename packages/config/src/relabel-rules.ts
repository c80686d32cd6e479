/** `relabel_configs` and its sisters. Source: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#relabel_config */
import { PatternError } from '@watchroom/model';
import {
  isLabelName,
  type NameValidation,
  RELABEL_ACTIONS,
  type RelabelAction,
  type RelabelRule,
  relabelFault,
  relabelRule,
} from '@watchroom/relabel';
import type { Place } from './place.ts';
import { list, type Reader, readObject, text, wide } from './read.ts';
import { nearest } from './suggest.ts';

/** A reader of rules; `what` names them in the fault of an empty item. */
export function relabelRules(what: string): Reader<readonly RelabelRule[]> {
  return list(readRule, `empty or null ${what} rule`);
}

const KEYS: Readonly<Record<keyof RelabelRule, string>> = {
  action: 'action',
  sourceLabels: 'source_labels',
  separator: 'separator',
  regex: 'regex',
  modulus: 'modulus',
  targetLabel: 'target_label',
  replacement: 'replacement',
  validation: 'target_label',
};

function readRule(place: Place): RelabelRule | undefined {
  const raw = readObject(place, {
    action: readAction,
    source_labels: list(readLabelName),
    separator: text,
    regex: text,
    modulus: wide,
    target_label: text,
    replacement: text,
  });
  if (!raw) return undefined;
  const at = (field: keyof RelabelRule) => place.entries().find(([key]) => key === KEYS[field])?.[1] ?? place;
  try {
    const rule = relabelRule({
      action: raw.action,
      sourceLabels: raw.source_labels,
      separator: raw.separator,
      regex: raw.regex,
      modulus: raw.modulus,
      targetLabel: raw.target_label,
      replacement: raw.replacement,
    });
    const fault = relabelFault(rule);
    if (!fault) return rule;
    return at(fault.field).problem(`${place.name}: ${fault.message}`, fault.remedy);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    const remedy = 'see https://github.com/google/re2/wiki/Syntax';
    return at('regex').problem(`${place.name}.regex: ${error.message}`, remedy);
  }
}

/** Actions are read in any case. */
function readAction(place: Place): RelabelAction | undefined {
  if (place.kind === 'null') return undefined;
  const wanted = place.text.toLowerCase();
  const action = RELABEL_ACTIONS.find((known) => known === wanted);
  if (action) return action;
  const guess = nearest(wanted, RELABEL_ACTIONS);
  const remedy = guess ? `did you mean "${guess}"?` : `write one of: ${RELABEL_ACTIONS.join(', ')}`;
  return place.problem(`${place.name}: unknown relabel action ${JSON.stringify(place.text)}`, remedy);
}

function readLabelName(place: Place): string | undefined {
  const name = text(place);
  if (name === undefined) return undefined;
  if (isLabelName(name)) return name;
  return place.problem(`${place.name}: ${JSON.stringify(name)} is not a valid label name`, 'give it a name');
}

/** The rules with target names checked under a validation scheme; reports what the scheme refuses. */
export function withValidation(
  place: Place,
  rules: readonly RelabelRule[],
  validation: NameValidation,
): readonly RelabelRule[] {
  if (validation === 'utf8') return rules;
  return rules.map((rule) => {
    const strict: RelabelRule = { ...rule, validation };
    const fault = relabelFault(strict);
    if (fault) place.problem(`${place.name}: ${fault.message}`, fault.remedy);
    return strict;
  });
}
