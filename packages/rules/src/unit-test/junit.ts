/** Test results as JUnit XML, in the form of promtool's `--junit`. */
import type { CaseResult } from './run.ts';

export interface SuiteResult {
  readonly name: string;
  /** Of the machine's own clock, to the second and without a zone; '' when the file could not be read. */
  readonly timestamp: string;
  readonly cases: readonly CaseResult[];
  /** Why no case could run. */
  readonly aborted: string | undefined;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
  '\n': '&#xA;',
  '\t': '&#x9;',
  '\r': '&#xD;',
};

export function junitXml(suites: readonly SuiteResult[]): string {
  return `<testsuites>${suites.map(suiteXml).join('')}</testsuites>`;
}

function suiteXml({ name, timestamp, cases, aborted }: SuiteResult): string {
  const failures = cases.reduce((sum, one) => sum + one.failures.length, 0);
  const counts =
    aborted === undefined
      ? `tests="${cases.length}" failures="${failures}" errors="0"`
      : 'tests="1" failures="0" errors="1"';
  const inside =
    aborted === undefined
      ? cases.map(caseXml).join('')
      : `<testcase name="unknown"><error>${escaped(aborted)}</error></testcase>`;
  return `<testsuite name="${escaped(name)}" ${counts} skipped="0" timestamp="${timestamp}">${inside}</testsuite>`;
}

function caseXml({ name, failures }: CaseResult): string {
  const inside = failures.map((failure) => `<failure>${escaped(failure)}</failure>`).join('');
  return `<testcase name="${escaped(name)}">${inside}</testcase>`;
}

function escaped(text: string): string {
  return Array.from(text, (char) => ESCAPES[char] ?? (isXmlCharacter(char) ? char : '\ufffd')).join('');
}

/** Source: https://www.w3.org/TR/xml/#charsets; line breaks and tabs are escaped before. */
function isXmlCharacter(char: string): boolean {
  const code = char.codePointAt(0)!;
  return code >= 0x20 && !(code >= 0xd800 && code <= 0xdfff) && code !== 0xfffe && code !== 0xffff;
}
