/**
 * Random PromQL: the functions, aggregations and operators of Prometheus 3.5, well typed, over the series of
 * parity-data.ts. The same source of numbers gives the same queries.
 *
 * Left out, as Prometheus 3.5 differs from itself of today (whose test scripts we pass): info(), which joins wrong series;
 * histogram_fraction of classic buckets from below the first bound, which is NaN; timestamp() of a selector with both @
 * and offset, which forgets the offset; mad_over_time of NaN, which leaves NaN out; rate of a native histogram near zero, which
 * extrapolates below it; custom buckets of different bounds, which it does not reconcile. topk and limitk are asked of
 * selectors and ranges alone: of what is computed from them, which of equal values they keep is chance.
 */
import { END_MS, START_MS } from './parity-data.ts';

type Text = string;

/** Metrics and their labels. */
const METRICS: Readonly<Record<string, readonly string[]>> = {
  requests_total: ['job', 'instance', 'code'],
  temperature: ['job', 'instance'],
  load: ['job', 'instance', 'mode'],
  up: ['job', 'instance'],
  started_seconds: ['job', 'instance'],
  target_info: ['job', 'instance'],
  latency_seconds_bucket: ['job', 'instance', 'le'],
  latency_seconds_sum: ['job', 'instance'],
  latency_seconds_count: ['job', 'instance'],
};
const NATIVE = ['size_bytes', 'pause_seconds', 'queue_sizes'];
const VALUES: Readonly<Record<string, readonly string[]>> = {
  job: ['api', 'web', 'db', 'none'],
  instance: ['a:1', 'b:2', 'h:0', 'h:1'],
  code: ['200', '404', '500', ''],
  mode: ['user', 'system', ''],
  le: ['0.5', '1', '+Inf'],
};
const PATTERNS: Readonly<Record<string, readonly string[]>> = {
  job: ['api|web', '.*', '.+', 'd.*', '(?i)API', 'a.i', 'web|', ''],
  instance: ['.*:1', '[ab]:.', 'h:[0-9]+', '[^a].*'],
  code: ['2..', '4.*|5.*', '.*0', '(200|404)'],
  mode: ['us.*', '.*e.*', 'user|system', '.*'],
  le: ['0.*', '.+'],
};
const LABELS = Object.keys(VALUES);
const DURATIONS = [
  '15s',
  '30s',
  '1m',
  '90s',
  '2m',
  '5m',
  '10m',
  '17m',
  '30m',
  '1h',
  '1m30s',
  '300',
  '45.5',
  '7m3s',
];
const MATH = [
  'abs',
  'acos',
  'acosh',
  'asin',
  'asinh',
  'atan',
  'atanh',
  'ceil',
  'cos',
  'cosh',
  'deg',
  'exp',
  'floor',
].concat(['ln', 'log10', 'log2', 'rad', 'sgn', 'sin', 'sinh', 'sqrt', 'tan', 'tanh']);
const CALENDAR = [
  'day_of_month',
  'day_of_week',
  'day_of_year',
  'days_in_month',
  'hour',
  'minute',
  'month',
  'year',
];
const OVER_TIME = ['avg', 'count', 'last', 'max', 'min', 'present', 'stddev', 'stdvar', 'sum']
  .map((name) => `${name}_over_time`)
  .concat(['changes', 'delta', 'deriv', 'idelta', 'increase', 'irate', 'rate', 'rate', 'rate', 'resets'])
  .concat(['absent_over_time', 'ts_of_max_over_time', 'ts_of_min_over_time', 'ts_of_last_over_time']);
const AGGREGATES = ['sum', 'avg', 'count', 'min', 'max', 'group', 'stddev', 'stdvar'];
const ARITHMETIC = ['+', '-', '*', '/', '%', '^', 'atan2'];
const COMPARISONS = ['==', '!=', '>', '<', '>=', '<='];
const NUMBERS = [
  '0',
  '1',
  '2',
  '0.5',
  '-1',
  '3.7',
  '1e3',
  '-0.25',
  'NaN',
  'Inf',
  '-Inf',
  '100',
  '0.9',
  '1e-9',
  '0x1F',
];

/** What comes in order of labels in Prometheus: a selector, or a function of one's range. */
const SETTLED = /^(?:\w+\()?\w+(?:\{[^{}]*\})?(?:\[[^[\]:]*\])?[^()]*\)?$/;
/** What two libraries differ in by a last digit, which count_values makes a label. */
const INEXACT = /ln|log|exp|sin|cos|tan|\^|sqrt|std|deriv|predict|smoothing|quantile|atan2|histogram/;

export class RandomQuery {
  readonly #random: () => number;
  readonly #native: boolean;

  constructor(random: () => number, native: boolean) {
    this.#random = random;
    this.#native = native;
  }

  /** A query of any type that both instant and range queries take. */
  next(): Text {
    const depth = 1 + Math.floor(this.#random() * 3.5);
    return this.#random() < 0.06 ? this.#scalar(depth) : this.#vector(depth);
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)]!;
  }

  #chance(share: number): boolean {
    return this.#random() < share;
  }

  #some(list: readonly string[], most: number): string[] {
    const count = Math.floor(this.#random() * (most + 1));
    return [...new Set(Array.from({ length: count }, () => this.#pick(list)))];
  }

  #matcher(metric: string): Text {
    const label = this.#pick(this.#chance(0.08) ? LABELS : (METRICS[metric] ?? ['job', 'instance']));
    const regex = this.#chance(0.5);
    const not = this.#chance(0.3);
    const value = this.#pick((regex ? PATTERNS : VALUES)[label]!);
    return `${label}${not ? '!' : regex ? '=' : ''}${regex ? '~' : '='}"${value}"`;
  }

  #selector(): Text {
    if (this.#chance(0.03))
      return `{__name__=~"${this.#pick(['l.*', 'temp.*|up', '.*_total', 'latency.*'])}"}`;
    if (this.#chance(0.02)) return '{"room.temperature"}';
    if (this.#chance(0.02)) return `{job="api",${this.#matcher('')}}`;
    if (this.#chance(0.02)) return 'nothing_here';
    const names = this.#native && this.#chance(0.12) ? NATIVE : Object.keys(METRICS);
    const metric = this.#pick(names);
    const matchers = this.#chance(0.5)
      ? []
      : [this.#matcher(metric), this.#matcher(metric)].slice(0, this.#chance(0.7) ? 1 : 2);
    return matchers.length > 0 ? `${metric}{${matchers.join(',')}}` : metric;
  }

  #shift(): Text {
    const parts: Text[] = [];
    if (this.#chance(0.15)) parts.push(`offset ${this.#chance(0.25) ? '-' : ''}${this.#pick(DURATIONS)}`);
    if (this.#chance(0.08)) {
      const timeS = ((START_MS + this.#random() * (END_MS - START_MS)) / 1000).toFixed(
        this.#chance(0.5) ? 0 : 3,
      );
      parts.push(`@ ${this.#pick([timeS, timeS, 'start()', 'end()'])}`);
    }
    if (parts.length === 2 && this.#chance(0.5)) parts.reverse();
    return parts.map((part) => ` ${part}`).join('');
  }

  #range(depth: number): Text {
    if (depth > 0 && this.#chance(0.22)) {
      const step = this.#chance(0.3) ? '' : this.#pick(['15s', '30s', '1m', '77s', '2m']);
      const inner = this.#vector(depth - 1);
      return `(${inner})[${this.#pick(['2m', '5m', '10m', '20m', '3m30s'])}:${step}]${this.#shift()}`;
    }
    return `${this.#selector()}[${this.#pick(DURATIONS)}]${this.#shift()}`;
  }

  #scalar(depth: number): Text {
    if (depth <= 0 || this.#chance(0.6)) return this.#pick(NUMBERS);
    switch (Math.floor(this.#random() * 6)) {
      case 0:
        return 'time()';
      case 1:
        return 'pi()';
      case 2:
        return `scalar(${this.#vector(depth - 1)})`;
      case 3:
        return `-(${this.#scalar(depth - 1)})`;
      case 4:
        return `(${this.#scalar(depth - 1)} ${this.#pick(COMPARISONS)} bool ${this.#scalar(depth - 1)})`;
      default:
        return `(${this.#scalar(depth - 1)} ${this.#pick(ARITHMETIC)} ${this.#scalar(depth - 1)})`;
    }
  }

  #vector(depth: number): Text {
    if (depth <= 0) return this.#selector() + this.#shift();
    const inner = (): Text => this.#vector(depth - 1);
    const forms: readonly [weight: number, make: () => Text][] = [
      [8, () => this.#aggregate(depth)],
      [8, () => this.#overTime(depth)],
      [0.5, () => `mad_over_time(latency_seconds_sum{${this.#matcher('up')}}[${this.#pick(DURATIONS)}])`],
      [1, () => `quantile_over_time(${this.#scalar(depth - 1)}, ${this.#range(depth)})`],
      [1, () => `predict_linear(${this.#range(depth)}, ${this.#scalar(depth - 1)})`],
      [
        1,
        () =>
          `double_exponential_smoothing(${this.#range(depth)}, 0.${1 + Math.floor(this.#random() * 9)}, 0.3)`,
      ],
      [3, () => this.#math(inner())],
      [2, () => `${this.#pick(CALENDAR)}(${this.#chance(0.2) ? '' : inner()})`],
      [4, () => this.#vectorBinary(depth)],
      [3, () => this.#scalarBinary(depth)],
      [2, () => this.#setOperator(depth)],
      [2, () => this.#labels(depth)],
      [2, () => this.#limits(depth)],
      [3, () => this.#histogram(depth)],
      [1, () => `${this.#pick(['absent', 'sort', 'sort_desc'])}(${inner()})`],
      [1, () => this.#timestamp(depth)],
      [
        1,
        () =>
          `${this.#pick(['sort_by_label', 'sort_by_label_desc'])}(${inner()}, "${this.#pick(['job', 'instance'])}")`,
      ],
      [1, () => `vector(${this.#scalar(depth)})`],
      [1, () => `-${this.#chance(0.5) ? this.#selector() : `(${inner()})`}`],
    ];
    let roll = this.#random() * forms.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, make] of forms) {
      roll -= weight;
      if (roll < 0) return make();
    }
    return this.#selector();
  }

  #grouping(): Text {
    if (this.#chance(0.3)) return '';
    return ` ${this.#pick(['by', 'by', 'without'])} (${this.#some(LABELS, 2).join(', ')}) `;
  }

  #aggregate(depth: number): Text {
    const inner = this.#vector(depth - 1);
    const by = this.#grouping();
    const roll = this.#random();
    const settled = SETTLED.test(inner) ? inner : this.#selector();
    const exact = INEXACT.test(inner) ? this.#selector() : inner;
    if (roll < 0.65) return `${this.#pick(AGGREGATES)}${by}(${inner})`;
    if (roll < 0.8)
      return `${this.#pick(['topk', 'bottomk'])}${by}(${this.#pick(['1', '2', '3', '5', '0', '-1'])}, ${settled})`;
    if (roll < 0.86) return `quantile${by}(${this.#parameter(inner)}, ${inner})`;
    if (roll < 0.92) return `count_values${by}("${this.#pick(['value', 'job', 'v'])}", ${exact})`;
    if (roll < 0.96) return `limitk${by}(${this.#pick(['1', '2', '4'])}, ${settled})`;
    return `limit_ratio${by}(${this.#pick(['0.5', '-0.5', '0.1', '-0.9', '1', '0'])}, ${inner})`;
  }

  /** Of quantile. Prometheus takes it from the first step alone when the rest has an @. */
  #parameter(inner: Text): Text {
    return inner.includes('@') ? this.#pick(NUMBERS) : this.#scalar(1);
  }

  #vectorBinary(depth: number): Text {
    const compares = this.#chance(0.3);
    const op = compares
      ? `${this.#pick(COMPARISONS)}${this.#chance(0.4) ? ' bool' : ''}`
      : this.#pick(ARITHMETIC);
    const [left, right] = [this.#vector(depth - 1), this.#vector(depth - 1)];
    if (this.#chance(0.25)) return `(${left}) ${op} (${right})`;
    if (this.#chance(0.25)) {
      const same = this.#selector();
      return `(${this.#pick(['', 'abs', 'floor'])}(${same})) ${op} ${this.#pick(['', 'ceil', 'sgn'])}(${same})`;
    }
    const on = this.#pick(['on', 'on', 'ignoring']);
    const labels =
      on === 'on'
        ? this.#pick(['job, instance', 'job', 'instance', ''])
        : this.#pick(['code', 'mode, le, code', 'code, le']);
    const single = (text: Text): Text =>
      on === 'on' ? `${this.#pick(['sum', 'max', 'avg'])} by (${labels}) (${text})` : text;
    const group = this.#random();
    if (group < 0.4) return `(${single(left)}) ${op} ${on} (${labels}) (${single(right)})`;
    const include = this.#pick(['', '', 'version', 'mode', 'job']);
    if (group < 0.7) return `(${left}) ${op} ${on} (${labels}) group_left (${include}) (${single(right)})`;
    return `(${single(left)}) ${op} ${on} (${labels}) group_right (${include}) (${right})`;
  }

  #scalarBinary(depth: number): Text {
    const compares = this.#chance(0.4);
    const op = compares
      ? `${this.#pick(COMPARISONS)}${this.#chance(0.4) ? ' bool' : ''}`
      : this.#pick(ARITHMETIC);
    const [vector, scalar] = [`(${this.#vector(depth - 1)})`, this.#scalar(depth - 1)];
    return this.#chance(0.6) ? `${vector} ${op} ${scalar}` : `${scalar} ${op} ${vector}`;
  }

  #setOperator(depth: number): Text {
    const on = this.#pick([
      '',
      '',
      ' on (job)',
      ' on (job, instance)',
      ' ignoring (code, mode, le)',
      ' on ()',
    ]);
    return `(${this.#vector(depth - 1)}) ${this.#pick(['and', 'or', 'unless'])}${on} (${this.#vector(depth - 1)})`;
  }

  #labels(depth: number): Text {
    const inner = this.#vector(depth - 1);
    const target = this.#pick(['job', 'zone', 'code', '__name__']);
    const source = this.#pick(LABELS);
    if (this.#chance(0.35))
      return `label_join(${inner}, "${target}", "${this.#pick(['-', ''])}", "${source}", "instance")`;
    const pattern = this.#pick(['(.*)', '(.)(.*)', '([a-z]+):([0-9])', '(?P<x>a).*', '.*', 'api|(web)']);
    const replacement = this.#pick(['$1', '$2$1', 'z-$' + '{1}', '$x', '', 'fixed', '$1x', '$$1']);
    return `label_replace(${inner}, "${target}", "${replacement}", "${source}", "${pattern}")`;
  }

  #limits(depth: number): Text {
    const inner = this.#vector(depth - 1);
    switch (Math.floor(this.#random() * 4)) {
      case 0:
        return `clamp(${inner}, ${this.#scalar(1)}, ${this.#scalar(1)})`;
      case 1:
        return `clamp_min(${inner}, ${this.#scalar(1)})`;
      case 2:
        return `clamp_max(${inner}, ${this.#scalar(1)})`;
      default:
        return `round(${inner}${this.#chance(0.5) ? '' : `, ${this.#pick(['0.1', '5', '0.003', '-2', '1e-3'])}`})`;
    }
  }

  /** No sine of large numbers: the last digit of an exponential makes another of it. */
  #math(inner: Text): Text {
    const name = this.#pick(MATH);
    const wild = /^(?:sin|cos|tan)$/.test(name) && /exp|sinh|cosh|tan|\^|deriv|predict/.test(inner);
    return `${wild ? 'abs' : name}(${inner})`;
  }

  #overTime(depth: number): Text {
    const name = this.#pick(OVER_TIME);
    const range = this.#range(depth);
    const counter = name === 'rate' || name === 'increase' || name === 'irate';
    return `${name}(${counter ? range.replaceAll('queue_sizes', 'size_bytes') : range})`;
  }

  #timestamp(depth: number): Text {
    const inner = this.#vector(depth - 1);
    return `timestamp(${/ @ /.test(inner) && / offset /.test(inner) ? this.#selector() : inner})`;
  }

  #histogram(depth: number): Text {
    const quantile = this.#pick([
      '0.5',
      '0.9',
      '0.99',
      '0',
      '1',
      '-1',
      '2',
      'NaN',
      '0.123',
      'scalar(up{job="api",instance="a:1"})',
    ]);
    if (this.#native && this.#chance(0.6)) {
      const selector = this.#pick(NATIVE);
      const counter = selector === 'queue_sizes' ? 'size_bytes' : selector;
      const range = `${counter}[${this.#pick(['2m', '5m', '10m'])}]${this.#shift()}`;
      const form = this.#pick([
        selector,
        `rate(${range})`,
        `sum(rate(${range}))`,
        `increase(${range})`,
        `avg by (job) (${selector})`,
      ]);
      const name = this.#pick([
        'count',
        'sum',
        'avg',
        'stddev',
        'stdvar',
        'quantile',
        'quantile',
        'fraction',
      ]);
      if (name === 'quantile') return `histogram_quantile(${quantile}, ${form})`;
      if (name === 'fraction')
        return `histogram_fraction(${this.#pick(['0', '-Inf', '0.7', '1'])}, ${this.#pick(['1', '+Inf', '3.3'])}, ${form})`;
      return `histogram_${name}(${form})`;
    }
    const buckets = this.#pick([
      `rate(latency_seconds_bucket[${this.#pick(DURATIONS)}]${this.#shift()})`,
      `sum by (le${this.#pick(['', ', job', ', instance'])}) (rate(latency_seconds_bucket[5m]${this.#shift()}))`,
      'latency_seconds_bucket',
      this.#vector(depth - 1),
    ]);
    if (this.#chance(0.25))
      return `histogram_fraction(${this.#pick(['0.2', '-Inf', '0.7'])}, ${this.#pick(['1', '+Inf', '3.3'])}, ${buckets})`;
    return `histogram_quantile(${quantile}, ${buckets})`;
  }
}
