/** Literals, parentheses, selectors, calls and aggregations. */
import { Matcher, type Matcher as MatcherType, type MatchOperator, METRIC_NAME } from '@watchroom/model';
import type { Aggregate, AggregateOperator, Expr, Span, VectorSelector } from './ast.ts';
import { durationOf, numberOf } from './durations.ts';
import { SyntaxProblem } from './errors.ts';
import { AGGREGATE_PARAMS, AGGREGATES, FUNCTIONS } from './function-table.ts';
import { quote, unquote } from './go-strings.ts';
import { groupingLabels } from './labels-list.ts';
import type { Token } from './lexer.ts';
import type { TokenStream } from './token-stream.ts';

/** Keywords that cannot name a metric without quotes. */
const NOT_METRICS: ReadonlySet<string> = new Set([
  'bool',
  'group_left',
  'group_right',
  'ignoring',
  'on',
  'atan2',
]);

export class Primaries {
  readonly #tokens: TokenStream;
  readonly #experimental: boolean;
  readonly #expr: () => Expr;

  constructor(tokens: TokenStream, experimental: boolean, expr: () => Expr) {
    this.#tokens = tokens;
    this.#experimental = experimental;
    this.#expr = expr;
  }

  primary(): Expr {
    const tokens = this.#tokens;
    const token = tokens.current;
    const span = { start: token.start, end: token.end };
    switch (token.kind) {
      case 'number':
        tokens.take();
        return { type: 'number', value: numberOf(token), isDuration: false, span };
      case 'duration':
        tokens.take();
        return { type: 'number', value: durationOf(token), isDuration: true, span };
      case 'string':
        tokens.take();
        return { type: 'string', value: unquote(token.text), span };
      case 'symbol':
        if (token.value === '(') return this.#paren();
        if (token.value === '{') return this.#selector('', token.start);
        break;
      case 'identifier':
      case 'metricIdentifier':
      case 'keyword':
        return this.#named(token);
      default:
    }
    return tokens.unexpected();
  }

  /** A name, braces, or both, and nothing else: functions and aggregations are names here. */
  metricSelector(): VectorSelector {
    const tokens = this.#tokens;
    const { kind, value, text, start } = tokens.current;
    if (tokens.at('{')) return this.#selector('', start);
    const names = kind === 'identifier' || kind === 'metricIdentifier' || kind === 'keyword';
    if (!names || (kind === 'keyword' && NOT_METRICS.has(value))) return tokens.unexpected();
    tokens.take();
    return this.#selector(text, start);
  }

  #paren(): Expr {
    const start = this.#tokens.take().start;
    const expr = this.#expr();
    this.#tokens.expect(')');
    return { type: 'paren', expr, span: { start, end: this.#tokens.lastEnd } };
  }

  #named(token: Token): Expr {
    const tokens = this.#tokens;
    const following = tokens.following;
    const opens = following?.kind === 'symbol' && following.value === '(';
    const keyword = token.kind === 'keyword';
    if (keyword && AGGREGATES.has(token.value)) {
      const grouped =
        following?.kind === 'keyword' && (following.value === 'by' || following.value === 'without');
      if (opens || grouped) return this.#aggregate(tokens.take());
    }
    if (opens && (token.kind === 'identifier' || FUNCTIONS.has(token.value)))
      return this.#call(tokens.take());
    if (keyword && NOT_METRICS.has(token.value)) return tokens.unexpected();
    tokens.take();
    return this.#selector(token.text, token.start);
  }

  #call(token: Token): Expr {
    const name = FUNCTIONS.has(token.text) ? token.text : token.value;
    const args = this.#args();
    const func = FUNCTIONS.get(name);
    if (!func)
      throw new SyntaxProblem(`unknown function with name ${quote(token.text)}`, token.start, token.end);
    if (func.experimental && !this.#experimental) {
      throw new SyntaxProblem(`function ${quote(name)} is not enabled`, token.start, token.end);
    }
    return { type: 'call', func, args, span: { start: token.start, end: this.#tokens.lastEnd } };
  }

  #args(): Expr[] {
    const tokens = this.#tokens;
    const args: Expr[] = [];
    tokens.expect('(');
    if (tokens.accept(')')) return args;
    for (;;) {
      args.push(this.#expr());
      if (tokens.accept(')')) return args;
      const comma = tokens.at(',') ? tokens.take() : tokens.unexpected();
      if (tokens.at(')') || tokens.current.kind === 'error') {
        throw new SyntaxProblem('trailing commas not allowed in function call args', comma.start, comma.end);
      }
    }
  }

  #aggregate(token: Token): Aggregate {
    const tokens = this.#tokens;
    const op = token.value as AggregateOperator;
    let grouping: readonly string[] = [];
    let without = false;
    const modifier = (): boolean => {
      if (!tokens.at('by') && !tokens.at('without')) return false;
      without = tokens.take().value === 'without';
      grouping = groupingLabels(tokens);
      return true;
    };
    const before = modifier();
    const args = this.#args();
    if (!before) modifier();
    const span = { start: token.start, end: tokens.lastEnd };
    if ((op === 'limitk' || op === 'limit_ratio') && !this.#experimental) {
      const message = `${op}() is experimental and must be enabled with --enable-feature=promql-experimental-functions`;
      throw new SyntaxProblem(message, span.start, span.end);
    }
    const { expr, param } = splitArgs(op, args, span);
    return { type: 'aggregate', op, expr, param, grouping, without, span };
  }

  #selector(name: string, start: number): VectorSelector {
    const tokens = this.#tokens;
    const matchers: MatcherType[] = [];
    let quoted = '';
    if (tokens.accept('{')) quoted = this.#matchers(matchers, name);
    const shown = name === '' ? quoted : name;
    if (name !== '') matchers.push(new Matcher(METRIC_NAME, '=', name));
    const span = { start, end: tokens.lastEnd };
    return {
      type: 'vectorSelector',
      name: shown,
      matchers,
      mode: undefined,
      offsetMs: 0,
      offsetExpr: undefined,
      timestampMs: undefined,
      startOrEnd: undefined,
      span,
    };
  }

  /** Fills the list up to the closing brace and returns the quoted metric name, if there is one. */
  #matchers(into: MatcherType[], name: string): string {
    const tokens = this.#tokens;
    let quotedName = '';
    while (!tokens.accept('}')) {
      const { kind, start } = tokens.current;
      if (kind !== 'identifier' && kind !== 'string')
        tokens.unexpected('label matching', 'identifier or "}"');
      const label = tokens.take();
      const labelName = kind === 'string' ? unquote(label.text) : label.text;
      if (kind === 'string' && (tokens.at(',') || tokens.at('}'))) {
        if (name !== '' || quotedName !== '') {
          const set = name === '' ? quotedName : name;
          const message = `metric name must not be set twice: ${quote(set)} or ${quote(labelName)}`;
          throw new SyntaxProblem(message, start, label.end);
        }
        quotedName = labelName;
        into.push(new Matcher(METRIC_NAME, '=', labelName));
      } else into.push(this.#matcher(labelName, label.start));
      if (!tokens.accept(',') && !tokens.at('}')) tokens.unexpected('label matching', '"," or "}"');
    }
    return quotedName;
  }

  #matcher(labelName: string, start: number): MatcherType {
    const tokens = this.#tokens;
    const operator = tokens.current;
    if (operator.kind !== 'symbol' || !['=', '!=', '=~', '!~'].includes(operator.value)) {
      tokens.unexpected('label matching', 'label matching operator');
    }
    tokens.take();
    if (tokens.current.kind !== 'string') tokens.unexpected('label matching', 'string');
    const value = unquote(tokens.take().text);
    try {
      return new Matcher(labelName, operator.value as MatchOperator, value);
    } catch (error) {
      throw new SyntaxProblem(regexpMessage(error, value), start, tokens.lastEnd);
    }
  }
}

function regexpMessage(error: unknown, value: string): string {
  const text = error instanceof Error ? error.message : String(error);
  const at = text.indexOf('error parsing regexp');
  if (at >= 0) return text.slice(at);
  return `error parsing regexp: ${text.replace(`invalid regular expression ${JSON.stringify(value)}: `, '')}`;
}

function splitArgs(
  op: AggregateOperator,
  args: readonly Expr[],
  span: Span,
): { expr: Expr; param: Expr | undefined } {
  if (args.length === 0)
    throw new SyntaxProblem('no arguments for aggregate expression provided', span.start, span.end);
  const wanted = AGGREGATE_PARAMS[op] === undefined ? 1 : 2;
  if (args.length !== wanted) {
    const message = `wrong number of arguments for aggregate expression provided, expected ${wanted}, got ${args.length}`;
    throw new SyntaxProblem(message, span.start, span.end);
  }
  return wanted === 1 ? { expr: args[0]!, param: undefined } : { expr: args[1]!, param: args[0] };
}
