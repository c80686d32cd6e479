/** Unit tests of rules: promtool's file format, verdicts and messages. */
export { junitXml, type SuiteResult } from './junit.ts';
export { type CaseResult, type RuleTestOptions, runRuleTests } from './run.ts';
export { parseRuleTestFile, type RuleTestFile } from './test-file.ts';
