/**
 * Runs the tests of a rule test file: each has series of its own, evaluates the rules from its start to its last case, and
 * compares alerts on the way and expressions at the end.
 * Source: Prometheus 3 cmd/promtool/unittest.go (order, times and messages).
 */
import { type Clock, formatDuration } from '@watchroom/model';
import { Engine } from '@watchroom/promql';
import { type LoadCommand, parseScript, ScriptError } from '@watchroom/promql/test-script';
import { engineQuery } from '../engine-query.ts';
import { RuleGroup } from '../group.ts';
import { silentObserver } from '../observer.ts';
import { parseRuleFile } from '../parse-rule-file.ts';
import type { RuleGroupSpec } from '../rule-spec.ts';
import { AlertCases } from './alert-cases.ts';
import { dumpAll } from './dump.ts';
import { checkExpr } from './expr-cases.ts';
import { goDuration } from './report.ts';
import type { RuleTest, RuleTestFile } from './test-file.ts';
import { TestStorage } from './test-storage.ts';

export interface RuleTestOptions {
  /** The rule files that the test file names, in order. */
  readonly ruleFiles: readonly { readonly path: string; readonly text: string }[];
  readonly clock: Clock;
  /** Only tests whose names this accepts. */
  readonly runs?: (name: string) => boolean;
  /** Differences of alerts as one coloured JSON instead of expected and found. */
  readonly diff?: boolean;
  readonly ignoreUnknownFields?: boolean;
  readonly experimental?: boolean;
  readonly delayedNameRemoval?: boolean;
  /** Told what happens, line by line. */
  readonly debug?: (line: string) => void;
}

export interface CaseResult {
  /** `unnamed#N` for a test without a name. */
  readonly name: string;
  /** In promtool's words; empty when it passed. */
  readonly failures: readonly string[];
}

/** One result per test that ran; never rejects because of what the files say. */
export async function runRuleTests(file: RuleTestFile, options: RuleTestOptions): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const [i, test] of file.tests.entries()) {
    if (options.runs && !options.runs(test.name)) continue;
    const name = test.name === '' ? `unnamed#${i}` : test.name;
    const startedMs = options.clock.monotonic();
    options.debug?.(`DEBUG: Starting test ${name}`);
    results.push({ name, failures: await new TestRun(file, test, options).run() });
    const tookMs = options.clock.monotonic() - startedMs;
    options.debug?.(`DEBUG: Test ${name} finished, took ${goDuration(tookMs)}`);
  }
  return results;
}

class TestRun {
  readonly #file: RuleTestFile;
  readonly #test: RuleTest;
  readonly #options: RuleTestOptions;
  readonly #engine: Engine;

  constructor(file: RuleTestFile, test: RuleTest, options: RuleTestOptions) {
    this.#file = file;
    this.#test = test;
    this.#options = options;
    this.#engine = new Engine({
      clock: options.clock,
      defaultSubqueryStepMs: file.evaluationIntervalMs,
      experimental: options.experimental ?? false,
      delayedNameRemoval: options.delayedNameRemoval ?? false,
    });
  }

  async run(): Promise<readonly string[]> {
    const { startMs, alertCases, exprCases } = this.#test;
    const load = loadOf(this.#test);
    if ('fault' in load) return [load.fault];
    const specs = this.#ruleGroups();
    if ('faults' in specs) return specs.faults;
    const nameless = alertCases.find(({ alertname }) => alertname === '');
    if (nameless) return [namelessFault(nameless.evalTimeMs, this.#test.name)];
    const storage = new TestStorage(load, startMs);
    const groups = specs.map((spec) => this.#group(spec, storage));
    const lastMs = Math.max(0, ...[...alertCases, ...exprCases].map(({ evalTimeMs }) => evalTimeMs));
    const failures: string[] = [];
    const alerts = new AlertCases(this.#test, this.#options.diff ?? false);
    for (let atMs = 0; atMs <= lastMs; atMs += this.#file.evaluationIntervalMs) {
      const faults = await evaluate(groups, storage, startMs + atMs);
      failures.push(...faults.input, ...faults.rules);
      if (faults.rules.length > 0) return failures;
      failures.push(...alerts.check(groups, atMs, atMs + this.#file.evaluationIntervalMs));
    }
    for (const one of exprCases) {
      const fault = await checkExpr(one, this.#engine, storage, startMs, this.#file.fuzzyCompare);
      if (fault !== undefined) failures.push(fault);
    }
    if (this.#options.debug) await dumpAll(this.#engine, storage, { startMs, lastMs }, this.#options.debug);
    return failures;
  }

  /** In the order that the file asks for; groups it does not name keep that of the files. */
  #ruleGroups(): readonly RuleGroupSpec[] | { readonly faults: readonly string[] } {
    const { ruleFiles, experimental, ignoreUnknownFields } = this.#options;
    const groups: RuleGroupSpec[] = [];
    for (const { path, text } of ruleFiles) {
      const parsed = parseRuleFile(text, path, {
        experimental: experimental ?? false,
        ignoreUnknownFields: ignoreUnknownFields ?? false,
        ruleObjects: true,
      });
      const faults = parsed.problems.filter(({ severity }) => severity === 'error');
      if (faults.length > 0)
        return {
          faults: faults.map((fault) => `${path}: ${fault.line}:${fault.column}: ${fault.message}`),
        };
      groups.push(...parsed.groups);
    }
    const place = (name: string): number => Math.max(0, this.#file.groupEvalOrder.indexOf(name));
    return groups.sort((a, b) => place(a.name) - place(b.name));
  }

  #group(spec: RuleGroupSpec, storage: TestStorage): RuleGroup {
    const options = {
      query: engineQuery(this.#engine, storage),
      querier: storage,
      appendable: storage,
      clock: this.#options.clock,
      observer: silentObserver,
      externalLabels: this.#test.externalLabels,
      externalUrl: this.#test.externalUrl,
      onAlertingRule: () => {},
    };
    return new RuleGroup(spec, this.#test.intervalMs, options, true);
  }
}

interface Faults {
  readonly input: readonly string[];
  readonly rules: readonly string[];
}

/** One step of all groups; after a fault of the input nothing is evaluated. */
async function evaluate(groups: readonly RuleGroup[], storage: TestStorage, timeMs: number): Promise<Faults> {
  const refused = storage.advance(timeMs);
  if (refused !== undefined) return { input: [refused], rules: [] };
  const rules: string[] = [];
  for (const group of groups) {
    await group.evaluate(timeMs, new AbortController().signal);
    for (const { spec, state } of group.rules) {
      if (state.lastError !== undefined)
        rules.push(`    rule: ${spec.name}, time: ${goDuration(timeMs)}, err: ${state.lastError}`);
    }
  }
  return { input: [], rules };
}

/** The series as the `load` command of a test script, whose notation they have. */
function loadOf(test: RuleTest): LoadCommand | { readonly fault: string } {
  const lines = test.series.map(({ series, values }) => `  ${series.trim()} ${oneLine(values)}`);
  try {
    const [load] = parseScript([`load ${test.intervalMs}ms`, ...lines].join('\n'));
    return load as LoadCommand;
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    const at = error.line - 2;
    return {
      fault: `input_series[${at}] ${JSON.stringify(test.series[at]?.series ?? '')}: ${error.message}`,
    };
  }
}

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ').trim();

function namelessFault(evalTimeMs: number, testName: string): string {
  const within = testName === '' ? '' : ` (in TestGroup ${testName})`;
  return `an item under alert_rule_test misses required attribute alertname at eval_time ${formatDuration(evalTimeMs)}${within}`;
}
