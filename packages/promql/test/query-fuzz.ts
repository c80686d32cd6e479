/**
 * Mutated queries against a small store: each is parsed and, when it parses, evaluated with a deadline and a budget. What
 * fails must fail with one of our own errors, in time.
 */
import { Labels, Matcher, METRIC_NAME, type SelectHints, type SeriesData } from '@watchroom/model';
import { MemoryStore, mutateText, seededRandom, type TextPool } from '@watchroom/testkit';
import { ExecutionError, QueryTimeoutError, TooManySamplesError } from '../src/errors.ts';
import { Engine, formatExpr, ParseError } from '../src/index.ts';

const OWN_TEXTS: readonly string[] = [
  'sum by (job) (rate(requests_total{code=~"5..",job!="x"}[5m] offset -1m)) / on (job) group_left (code) up',
  'histogram_quantile(0.9, sum by (le) (rate(latency_bucket[5m])))',
  'max_over_time((rate(requests_total[1m]) @ 1000 offset 30s)[10m:15s])',
  'topk(2, {__name__=~"up|load", "job"="a"}) or quantile by (job) (0.5, load) unless bottomk without (job) (1, up)',
  'label_replace(up, "x", "$2-$1", "job", "(.)(.*)") == bool on () group_right () label_join(up, "y", "-", "job", "code")',
  'predict_linear(load[10m], 3600) > scalar(up{job="a"}) ^ -2 % 0x1F + 1e3 * Inf - NaN atan2 .5',
  'histogram_fraction(0, 1, sizes) and absent_over_time(nothing{a="b"}[1h:]) or vector(time())',
  'rate(requests_total[5m + 2 * 30s]) + increase(requests_total[step()] offset (range() / 2)) smoothed',
  'count_values("v", limit_ratio(-0.5, limitk(3, sizes))) + ignoring (v) fill (0) info(up, {version=~".+"})',
  'sort_by_label_desc(changes(load[1h] anchored), "job", "code") and day_of_year(minute(year()))',
  'sizes * 2 </ 3 >/ 1 + -sizes == sizes # comment',
  '"a string\\n\\x41\\u00e9"',
  'mad_over_time(load[1w2d3h4m5s6ms]) + double_exponential_smoothing(load[5m], 0.5, 0.1)',
];
const PIECES: readonly string[] = [
  ...[
    '(',
    ')',
    '((',
    '{',
    '}',
    '[',
    ']',
    ',',
    '=',
    '=~',
    '!~',
    '!=',
    '==',
    '>=',
    '<',
    '+',
    '-',
    '*',
    '/',
    '%',
    '^',
  ],
  ...[
    '"',
    "'",
    '`',
    '\\',
    '#',
    '\n',
    ' ',
    ':',
    '@',
    '.',
    '_',
    '$',
    'é',
    '\u0000',
    '\ud800',
    '😀',
    '{{',
    '}}',
  ],
  ...[
    ' by ',
    ' without ',
    ' on ',
    ' ignoring ',
    ' group_left ',
    ' offset ',
    ' bool ',
    ' and ',
    ' or ',
    ' unless ',
  ],
  ...[
    '0',
    '1',
    '1e308',
    '-1',
    'NaN',
    'Inf',
    '0x',
    '1_000',
    '9223372036854775808',
    '5m',
    '1y',
    '1ms',
    '[5m]',
    '[1h:1s]',
  ],
  ...[
    '[1y:1ms]',
    ' @ 5',
    ' @ start()',
    ' @ end()',
    'sum',
    'rate',
    'topk',
    'abs',
    'time()',
    'start()',
    'step()',
    'up',
  ],
  ...[
    'max_over_time',
    'quantile',
    'label_replace',
    'vector',
    'scalar',
    'sizes',
    '.*',
    '(a+)+$',
    '[[:alpha:]]',
    '(?i)',
  ],
  ...[
    ' fill ',
    ' fill_left ',
    ' smoothed',
    ' anchored',
    'count_values',
    'limit_ratio',
    'info',
    'histogram_quantiles',
  ],
];

const DEADLINE_MS = 250;
const SPAN_S = 1800;
const STEP_MS = 15_000;

function fill(store: MemoryStore): MemoryStore {
  const random = seededRandom(1);
  const add = (labels: Record<string, string>, value: (i: number) => number): void => {
    const points = Array.from({ length: SPAN_S / 15 }, (_, i) => [i * STEP_MS, value(i)] as const);
    store.add(Labels.fromObject(labels), points);
  };
  for (const job of ['a', 'b', 'c']) {
    for (const code of ['200', '500']) {
      add({ __name__: 'requests_total', job, code }, (i) => (i % 50) * 3);
      add({ __name__: 'load', job, code }, () => random() - 0.3);
    }
    add({ __name__: 'up', job }, () => 1);
    add({ __name__: 'target_info', job, version: '1' }, () => 1);
    for (const le of ['0.1', '1', '+Inf'])
      add({ __name__: 'latency_bucket', job, le }, (i) => i * Number(le.length));
  }
  const histogram = {
    schema: 0,
    zeroThreshold: 0.001,
    zeroCount: 1,
    customBounds: [],
    positiveSpans: [{ offset: 0, length: 2 }],
    negativeSpans: [],
    negativeBuckets: [],
    resetHint: 'unknown' as const,
  };
  const appender = store.appender();
  const ref = appender.series(Labels.fromObject({ __name__: 'sizes', job: 'a' }));
  for (let i = 0; i < SPAN_S / 15; i++) {
    const own = { ...histogram, count: 3 * i + 1, sum: i, positiveBuckets: [i, 2 * i] };
    appender.appendHistogram(ref, i * STEP_MS, own);
  }
  appender.commit();
  return store;
}

const NAMES: readonly string[] = ['requests_total', 'load', 'up', 'latency_bucket', 'sizes'];

/** Gives the series of one of our metrics where a selector names one that is not here, so that borrowed queries find something. */
class AnyName extends MemoryStore {
  override select(matchers: readonly Matcher[], hints: SelectHints): readonly SeriesData[] {
    const name = matchers.find((one) => one.name === METRIC_NAME && one.operator === '=')?.value;
    if (name === undefined || NAMES.includes(name)) return super.select(matchers, hints);
    return super.select([new Matcher(METRIC_NAME, '=', NAMES[name.length % NAMES.length]!)], hints);
  }
}

export interface FuzzTally {
  queries: number;
  parsed: number;
  answered: number;
  failed: number;
  timedOut: number;
  overBudget: number;
  /** The longest a query took, ms, and which. */
  slowestMs: number;
  slowest: string;
  /** Queries that broke a rule, with what happened. */
  readonly broken: { readonly query: string; readonly what: string }[];
}

export class QueryFuzz {
  readonly tally: FuzzTally = {
    queries: 0,
    parsed: 0,
    answered: 0,
    failed: 0,
    timedOut: 0,
    overBudget: 0,
    slowestMs: 0,
    slowest: '',
    broken: [],
  };
  readonly #engine = new Engine({ experimental: true, timeoutMs: DEADLINE_MS, maxSamples: 200_000 });
  readonly #store = fill(new AnyName());
  readonly #random: () => number;
  readonly #pool: TextPool;

  /** `texts`: further queries to start from. */
  constructor(seed: number, texts: readonly string[] = []) {
    this.#random = seededRandom(seed);
    this.#pool = { texts: [...OWN_TEXTS, ...texts], pieces: PIECES };
  }

  async run(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.one(mutateText(this.#random, this.#pool));
  }

  async one(query: string): Promise<void> {
    const { tally } = this;
    tally.queries++;
    const startedMs = performance.now();
    try {
      const expr = this.#engine.parse(query);
      tally.parsed++;
      this.#engine.parse(formatExpr(expr));
      await this.#evaluate(query);
      tally.answered++;
    } catch (error) {
      this.#judge(query, error);
    }
    const tookMs = performance.now() - startedMs;
    if (tookMs > tally.slowestMs) [tally.slowestMs, tally.slowest] = [tookMs, query];
  }

  async #evaluate(query: string): Promise<void> {
    const querier = this.#store;
    const timeMs = Math.floor(this.#random() * SPAN_S * 1000);
    if (this.#random() < 0.5) await this.#engine.instant({ query, timeMs, querier });
    else
      await this.#engine.range({ query, startMs: timeMs - 600_000, endMs: timeMs, stepMs: 45_000, querier });
  }

  #judge(query: string, error: unknown): void {
    const { tally } = this;
    if (error instanceof QueryTimeoutError) tally.timedOut++;
    else if (error instanceof TooManySamplesError) tally.overBudget++;
    else if (error instanceof ParseError || error instanceof ExecutionError) tally.failed++;
    else
      tally.broken.push({
        query,
        what: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
  }
}
