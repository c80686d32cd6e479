/**
 * One relabelling rule, with Prometheus' defaults and checks.
 * Source: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#relabel_config and
 * Prometheus model/relabel/relabel.go.
 */
import { AnchoredPattern } from '@watchroom/model';

export const RELABEL_ACTIONS = [
  'replace',
  'keep',
  'drop',
  'keepequal',
  'dropequal',
  'hashmod',
  'labelmap',
  'labeldrop',
  'labelkeep',
  'lowercase',
  'uppercase',
] as const;

export type RelabelAction = (typeof RELABEL_ACTIONS)[number];

/** `utf8`: every non-empty text names a label; `legacy`: only [a-zA-Z_][a-zA-Z0-9_]*. */
export type NameValidation = 'utf8' | 'legacy';

/** A checked rule. Build one with `relabelRule`. */
export interface RelabelRule {
  readonly action: RelabelAction;
  readonly sourceLabels: readonly string[];
  readonly separator: string;
  readonly regex: AnchoredPattern;
  /** 0 unless the action is hashmod. */
  readonly modulus: bigint;
  readonly targetLabel: string;
  readonly replacement: string;
  readonly validation: NameValidation;
}

/** A rule as a configuration writes it; absent fields take the defaults. */
export interface RelabelInput {
  readonly action?: RelabelAction | undefined;
  readonly sourceLabels?: readonly string[] | undefined;
  readonly separator?: string | undefined;
  readonly regex?: string | undefined;
  readonly modulus?: number | bigint | undefined;
  readonly targetLabel?: string | undefined;
  readonly replacement?: string | undefined;
  readonly validation?: NameValidation | undefined;
}

export const DEFAULT_REGEX = '(.*)';
export const DEFAULT_SEPARATOR = ';';
export const DEFAULT_REPLACEMENT = '$1';

/** Fills the defaults. Throws PatternError when the regex is not RE2; does not run `relabelFaults`. */
export function relabelRule(input: RelabelInput): RelabelRule {
  return {
    action: input.action ?? 'replace',
    sourceLabels: input.sourceLabels ?? [],
    separator: input.separator ?? DEFAULT_SEPARATOR,
    regex: new AnchoredPattern(input.regex ?? DEFAULT_REGEX),
    modulus: BigInt(input.modulus ?? 0),
    targetLabel: input.targetLabel ?? '',
    replacement: input.replacement ?? DEFAULT_REPLACEMENT,
    validation: input.validation ?? 'utf8',
  };
}

/** A fault of a rule: the field it is about and what to write instead. */
export interface RelabelFault {
  readonly field: keyof RelabelRule;
  readonly message: string;
  readonly remedy: string;
}

/** The first fault of a rule as Prometheus would find it, or undefined when the rule is sound. */
export function relabelFault(rule: RelabelRule): RelabelFault | undefined {
  return missingField(rule) ?? wrongName(rule) ?? extraField(rule);
}

const NEEDS_TARGET: ReadonlySet<RelabelAction> = new Set([
  'replace',
  'hashmod',
  'lowercase',
  'uppercase',
  'keepequal',
  'dropequal',
]);
const PLAIN_TARGET: ReadonlySet<RelabelAction> = new Set([
  'hashmod',
  'lowercase',
  'uppercase',
  'keepequal',
  'dropequal',
]);
const NO_REPLACEMENT: ReadonlySet<RelabelAction> = new Set([
  'lowercase',
  'uppercase',
  'keepequal',
  'dropequal',
]);

function missingField(rule: RelabelRule): RelabelFault | undefined {
  const { action } = rule;
  if (rule.modulus <= 0n && action === 'hashmod') {
    return fault(
      'modulus',
      'relabel configuration for hashmod requires non-zero modulus',
      'add "modulus: 8"',
    );
  }
  if (rule.targetLabel === '' && NEEDS_TARGET.has(action)) {
    const message = `relabel configuration for ${action} action requires 'target_label' value`;
    return fault('targetLabel', message, 'add "target_label: <name>"');
  }
  return undefined;
}

function wrongName(rule: RelabelRule): RelabelFault | undefined {
  const { action, targetLabel, validation } = rule;
  const remedy = 'use a name of letters, digits and _ that does not start with a digit';
  const target = fault(
    'targetLabel',
    `${JSON.stringify(targetLabel)} is invalid 'target_label' for ${action} action`,
    remedy,
  );
  if (action === 'replace' && !isNameTemplate(targetLabel, validation)) return target;
  if (PLAIN_TARGET.has(action) && !isLabelName(targetLabel, validation)) return target;
  if (NO_REPLACEMENT.has(action) && rule.replacement !== DEFAULT_REPLACEMENT) {
    const message = `'replacement' can not be set for ${action} action`;
    return fault('replacement', message, 'remove "replacement"');
  }
  if (action === 'labelmap' && !isNameTemplate(rule.replacement, validation)) {
    const message = `${JSON.stringify(rule.replacement)} is invalid 'replacement' for ${action} action`;
    return fault('replacement', message, remedy);
  }
  return undefined;
}

function extraField(rule: RelabelRule): RelabelFault | undefined {
  const { action } = rule;
  if (action === 'keepequal' || action === 'dropequal') {
    const extra = firstSet(rule, ['regex', 'modulus', 'separator', 'replacement']);
    const message = `${action} action requires only 'source_labels' and 'target_label', and no other fields`;
    return extra && fault(extra, message, 'remove the other fields');
  }
  if (action === 'labeldrop' || action === 'labelkeep') {
    const extra = firstSet(rule, ['sourceLabels', 'targetLabel', 'modulus', 'separator', 'replacement']);
    const message = `${action} action requires only 'regex', and no other fields`;
    return extra && fault(extra, message, 'remove the other fields');
  }
  return undefined;
}

function firstSet(rule: RelabelRule, fields: readonly (keyof RelabelRule)[]): keyof RelabelRule | undefined {
  const differs: Partial<Record<keyof RelabelRule, boolean>> = {
    regex: rule.regex.source !== DEFAULT_REGEX,
    modulus: rule.modulus !== 0n,
    separator: rule.separator !== DEFAULT_SEPARATOR,
    replacement: rule.replacement !== DEFAULT_REPLACEMENT,
    sourceLabels: rule.sourceLabels.length > 0,
    targetLabel: rule.targetLabel !== '',
  };
  return fields.find((field) => differs[field] === true);
}

function fault(field: keyof RelabelRule, message: string, remedy: string): RelabelFault {
  return { field, message, remedy };
}

const LEGACY_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const LEGACY_TEMPLATE = /^(?:(?:[a-zA-Z_]|\$(?:\{\w+\}|\w+))+\w*)+$/;
const MAX_TEMPLATE_LENGTH = 1000;

/** Whether a text names a label under a validation scheme. */
export function isLabelName(name: string, validation: NameValidation = 'utf8'): boolean {
  return validation === 'legacy' ? LEGACY_NAME.test(name) : name !== '' && name.isWellFormed();
}

/** A name in which `$1` and `${1}` may stand for groups. */
function isNameTemplate(name: string, validation: NameValidation): boolean {
  if (validation === 'utf8') return isLabelName(name, validation);
  return name.length <= MAX_TEMPLATE_LENGTH && LEGACY_TEMPLATE.test(name);
}
