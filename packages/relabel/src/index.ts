export { Template } from './expand.ts';
export { type RelabelStep, relabel, traceRelabel } from './relabel.ts';
export {
  DEFAULT_REGEX,
  DEFAULT_REPLACEMENT,
  DEFAULT_SEPARATOR,
  isLabelName,
  type NameValidation,
  RELABEL_ACTIONS,
  type RelabelAction,
  type RelabelFault,
  type RelabelInput,
  type RelabelRule,
  relabelFault,
  relabelRule,
} from './rule.ts';
