/**
 * The functions that Prometheus adds to templates.
 * Source: https://prometheus.io/docs/prometheus/latest/configuration/template_reference/
 */
import { compareBytes, parseDuration } from '@watchroom/model';
import { RE2JS } from 're2js';
import { GoDuration } from './go-time.ts';
import {
  humanize,
  humanize1024,
  humanizeDuration,
  humanizePercentage,
  humanizeTimestamp,
  toFloat,
  toTime,
} from './humanize.ts';
import { quote } from './printf.ts';
import { type GoFunction, GoMap, GoSlice, GoStruct, type GoType, type GoValue } from './value.ts';

export interface FunctionContext {
  /** Seconds since the epoch. */
  readonly nowSeconds: number;
  /** Where people reach the product, without a slash at its end. */
  readonly externalUrl: string;
  /** The series of an instant query; throws to suspend the template or to fail it. */
  readonly query: (promql: string) => readonly TemplateSample[];
  /** Runs a template defined in the same text. */
  readonly template: (name: string, data: GoValue) => string;
}

export interface TemplateSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const RESULT = 'template.queryResult';
const SAMPLE = '*template.sample';

/** All functions but Go's own; they read the context when they are called. */
export function prometheusFunctions(context: FunctionContext): Map<string, GoFunction> {
  return new Map([
    ...queryFunctions(context),
    ...linkFunctions(context),
    ...numberFunctions(context),
    ...TEXT_FUNCTIONS,
  ]);
}

function define(parameters: readonly GoType[], run: (...args: GoValue[]) => GoValue): GoFunction {
  return { parameters, run };
}

const ofText = (run: (text: string) => GoValue): GoFunction =>
  define(['string'], (text) => run(text as string));
const ofNumber = (run: (value: number) => GoValue): GoFunction =>
  define(['any'], (value) => run(toFloat(value!)));

/** A sample as templates see it. */
export function sampleValue({ labels, value }: TemplateSample): GoStruct {
  return new GoStruct(SAMPLE, { Labels: GoMap.ofStrings(labels), Value: value });
}

function queryFunctions(context: FunctionContext): [string, GoFunction][] {
  return [
    ['query', ofText((promql) => new GoSlice(RESULT, context.query(promql).map(sampleValue)))],
    ['first', define(['queryResult'], (result) => firstOf(result!))],
    ['label', define(['string', 'sample'], (name, sample) => labelOf(sample!, name as string))],
    ['value', define(['sample'], (sample) => field(sample!, 'Value'))],
    ['strvalue', define(['sample'], (sample) => labelOf(sample!, '__value__'))],
    [
      'sortByLabel',
      define(['string', 'queryResult'], (name, result) => sortByLabel(name as string, result!)),
    ],
    ['tmpl', define(['string', 'any'], (name, data) => context.template(name as string, data!))],
    [
      'args',
      {
        parameters: ['any'],
        variadic: true,
        run: (...args) =>
          new GoMap('map[string]interface {}', new Map(args.map((arg, i) => [`arg${i}`, arg])), null),
      },
    ],
  ];
}

function firstOf(result: GoValue): GoValue {
  const sample = result instanceof GoSlice ? result.items[0] : undefined;
  if (sample === undefined) throw new Error('first() called on vector with no elements');
  return sample;
}

function field(sample: GoValue, name: string): GoValue {
  if (!(sample instanceof GoStruct))
    throw new Error('runtime error: invalid memory address or nil pointer dereference');
  return sample.fields.get(name)!;
}

function labelOf(sample: GoValue, name: string): string {
  return String((field(sample, 'Labels') as GoMap).entries.get(name) ?? '');
}

function sortByLabel(name: string, result: GoValue): GoValue {
  const items = result instanceof GoSlice ? result.items : [];
  return new GoSlice(
    RESULT,
    items.toSorted((a, b) => compareBytes(labelOf(a, name), labelOf(b, name))),
  );
}

function linkFunctions(context: FunctionContext): [string, GoFunction][] {
  const link = (promql: string, tab: number): string => `/graph?g0.expr=${queryEscape(promql)}&g0.tab=${tab}`;
  return [
    ['externalURL', define([], () => context.externalUrl)],
    ['pathPrefix', define([], () => pathOf(context.externalUrl))],
    ['graphLink', ofText((promql) => link(promql, 0))],
    ['tableLink', ofText((promql) => link(promql, 1))],
  ];
}

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname.replace(/\/$/, '') : '';
}

/** Go's url.QueryEscape. */
function queryEscape(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

function numberFunctions(context: FunctionContext): [string, GoFunction][] {
  return [
    ['humanize', ofNumber(humanize)],
    ['humanize1024', ofNumber(humanize1024)],
    ['humanizeDuration', ofNumber(humanizeDuration)],
    ['humanizePercentage', ofNumber(humanizePercentage)],
    ['humanizeTimestamp', ofNumber(humanizeTimestamp)],
    ['toTime', ofNumber(toTime)],
    ['toDuration', ofNumber((seconds) => new GoDuration(BigInt(Math.trunc(seconds * 1e9))))],
    ['now', define([], () => context.nowSeconds)],
    ['parseDuration', ofText(secondsOf)],
  ];
}

function secondsOf(text: string): number {
  const negative = text.startsWith('-');
  const durationMs = parseDuration(negative ? text.slice(1) : text);
  if (durationMs === undefined)
    throw new Error(text === '' ? 'empty duration string' : `not a valid duration string: ${quote(text)}`);
  return (negative ? -durationMs : durationMs) / 1000;
}

const TEXT_FUNCTIONS: readonly [string, GoFunction][] = [
  ['toUpper', ofText((text) => text.toUpperCase())],
  ['toLower', ofText((text) => text.toLowerCase())],
  ['title', ofText((text) => text.replace(/(?<![\p{L}\p{N}_])\p{L}/gu, (char) => char.toUpperCase()))],
  ['stripPort', ofText(stripPort)],
  ['stripDomain', ofText(stripDomain)],
  ['safeHtml', ofText((text) => text)],
  [
    'match',
    define(['string', 'string'], (pattern, text) =>
      compile(pattern as string)
        .matcher(text as string)
        .find(),
    ),
  ],
  [
    'reReplaceAll',
    define(['string', 'string', 'string'], (pattern, replacement, text) =>
      replaceAll(compile(pattern as string), replacement as string, text as string),
    ),
  ],
  ['urlQueryEscape', ofText(queryEscape)],
];

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    throw new Error(error instanceof Error ? error.message : String(error));
  }
}

/** Go's ReplaceAllString: `$1`, `$name` and `${name}` expand, a name being as long as it can. */
function replaceAll(pattern: RE2JS, replacement: string, text: string): string {
  const matcher = pattern.matcher(text);
  const names = pattern.namedGroups();
  let result = '';
  let from = 0;
  while (matcher.find()) {
    const expand = (name: string): string => {
      const group = /^\d+$/.test(name) ? Number(name) : names[name];
      return group === undefined || group > matcher.groupCount() ? '' : (matcher.group(group) ?? '');
    };
    result += text.slice(from, matcher.start());
    result += replacement.replace(/\$(?:\$|(\w+)|\{(\w+)\})/g, (all, bare, braced) =>
      all === '$$' ? '$' : expand(bare ?? braced),
    );
    from = matcher.end();
  }
  return result + text.slice(from);
}

function stripPort(hostPort: string): string {
  const match = /^(?:\[([^[\]]*)\]|([^[\]:]*)):[^:[\]]*$/.exec(hostPort);
  return match ? (match[1] ?? match[2] ?? '') : hostPort;
}

/** The host's first name; addresses and what is no host stay. */
function stripDomain(hostPort: string): string {
  const match = /^(?:\[([^[\]]*)\]|([^[\]:]*)):([^:[\]]*)$/.exec(hostPort);
  const host = match ? (match[1] ?? match[2] ?? '') : hostPort;
  if (host.includes(':') || /^\d+(?:\.\d+){3}$/.test(host)) return hostPort;
  const name = host.split('.')[0] ?? '';
  return match ? `${name}:${match[3]}` : name;
}
