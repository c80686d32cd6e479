/** What follows an expression: `[range]`, `[range:step]`, `offset`, `@`, `anchored`, `smoothed`. */
import { formatValue } from '@watchroom/model';
import type { DurationExpr, Expr, Span, TimeShift } from './ast.ts';
import { DurationParser, durationMs, durationOf, numberOf } from './durations.ts';
import { SyntaxProblem } from './errors.ts';
import type { TokenStream } from './token-stream.ts';

const OFFSET_EXPECTED = 'number, duration, step(), or range()';
const DURATION_DISABLED = 'experimental duration expression is not enabled';
/** Milliseconds of Go's int64. */
const MAX_TIME_MS = 2 ** 63;

export class PostfixParser {
  readonly #tokens: TokenStream;
  readonly #experimental: boolean;

  constructor(tokens: TokenStream, experimental: boolean) {
    this.#tokens = tokens;
    this.#experimental = experimental;
  }

  parse(primary: Expr): Expr {
    const tokens = this.#tokens;
    let expr = primary;
    for (;;) {
      if (tokens.at('[')) expr = this.#brackets(expr);
      else if (tokens.at('offset')) this.#offset(expr);
      else if (tokens.at('@')) this.#at(expr);
      else if (tokens.at('anchored') || tokens.at('smoothed')) this.#mode(expr);
      else return expr;
    }
  }

  #brackets(expr: Expr): Expr {
    const tokens = this.#tokens;
    const open = tokens.take().start;
    const parser = new DurationParser(tokens, 'subquery or range selector', 'duration');
    const range = this.#duration(parser.parse(), true);
    if (tokens.accept(':')) {
      const stepParser = new DurationParser(tokens, 'subquery selector', 'duration or "]"');
      const step = tokens.at(']') ? undefined : this.#duration(stepParser.parse(), true);
      tokens.expect(']', 'subquery selector', '"]"');
      return {
        type: 'subquery',
        expr,
        rangeMs: range.ms,
        rangeExpr: range.expr,
        stepMs: step?.ms ?? 0,
        stepExpr: step?.expr,
        ...noShift(),
        span: { start: expr.span.start, end: tokens.lastEnd },
      };
    }
    const close = tokens.expect(']', 'subquery or range', '":" or "]"');
    const bracketSpan = { start: open, end: close.end };
    if (expr.type !== 'vectorSelector') fail('ranges only allowed for vector selectors', bracketSpan);
    if (expr.offsetMs !== 0 || expr.offsetExpr) fail('no offset modifiers allowed before range', bracketSpan);
    if (expr.timestampMs !== undefined || expr.startOrEnd)
      fail('no @ modifiers allowed before range', bracketSpan);
    const span = { start: expr.span.start, end: close.end };
    return { type: 'matrixSelector', vector: expr, rangeMs: range.ms, rangeExpr: range.expr, span };
  }

  #duration(expr: DurationExpr, positive: boolean): { ms: number; expr: DurationExpr | undefined } {
    const plain = expr.type === 'durationNumber';
    const arithmetic = this.#experimental ? undefined : firstArithmetic(expr);
    if (arithmetic) fail(DURATION_DISABLED, arithmetic);
    const ms = durationMs(expr, positive && plain);
    return { ms: ms ?? 0, expr: plain ? undefined : expr };
  }

  #offset(expr: Expr): void {
    const tokens = this.#tokens;
    tokens.take();
    const parser = new DurationParser(tokens, 'offset', OFFSET_EXPECTED);
    const offset = this.#duration(parser.primary(), false);
    const target = shiftOf(expr);
    if (!target) {
      fail(
        'offset modifier must be preceded by an instant vector selector or range vector selector or a subquery',
        expr.span,
      );
    }
    if (target.offsetMs !== 0 || target.offsetExpr) fail('offset may not be set multiple times', expr.span);
    target.offsetMs = offset.ms;
    target.offsetExpr = offset.expr;
    this.#extend(expr);
  }

  #at(expr: Expr): void {
    const tokens = this.#tokens;
    tokens.take();
    const target = shiftOf(expr);
    const { value } = tokens.current;
    const boundary = value === 'start' || value === 'end' ? value : undefined;
    let timestampMs: number | undefined;
    if (boundary) {
      tokens.take();
      tokens.expect('(', '@', 'timestamp');
      tokens.expect(')', '@', 'timestamp');
    } else timestampMs = this.#timestamp(expr);
    if (!target) {
      fail(
        '@ modifier must be preceded by an instant vector selector or range vector selector or a subquery',
        expr.span,
      );
    }
    if (target.timestampMs !== undefined || target.startOrEnd) {
      fail('@ <timestamp> may not be set multiple times', expr.span);
    }
    target.timestampMs = timestampMs;
    target.startOrEnd = boundary;
    this.#extend(expr);
  }

  #timestamp(expr: Expr): number {
    const tokens = this.#tokens;
    const negative = tokens.at('-');
    if (negative || tokens.at('+')) tokens.take();
    const token = tokens.current;
    if (token.kind !== 'number' && token.kind !== 'duration') tokens.unexpected('@', 'timestamp');
    tokens.take();
    const seconds = (token.kind === 'number' ? numberOf(token) : durationOf(token)) * (negative ? -1 : 1);
    if (!(Math.abs(seconds * 1000) < MAX_TIME_MS)) {
      const shown = Number.isFinite(seconds) ? fixed(seconds) : formatValue(seconds);
      fail(`timestamp out of bounds for @ modifier: ${shown}`, expr.span);
    }
    return Math.round(seconds * 1000);
  }

  #mode(expr: Expr): void {
    const token = this.#tokens.take();
    const mode = token.value as 'anchored' | 'smoothed';
    if (!this.#experimental) fail(`${mode} modifier is experimental and not enabled`, expr.span);
    const target = expr.type === 'matrixSelector' ? expr.vector : expr;
    if (target.type !== 'vectorSelector')
      fail(`${mode} modifier not implemented for subqueries or other expressions`, expr.span);
    if (target.mode !== undefined)
      fail(`${target.mode} and ${mode} modifiers cannot be used together`, expr.span);
    target.mode = mode;
    this.#extend(expr);
  }

  #extend(expr: Expr): void {
    expr.span = { start: expr.span.start, end: this.#tokens.lastEnd };
  }
}

function fixed(value: number): string {
  return Math.abs(value) >= 1e21 ? `${BigInt(value)}.000000` : value.toFixed(6);
}

/** A sign before a number is no arithmetic. */
/** Where arithmetic on durations begins, parentheses included: the part that Prometheus' grammar completes first. */
function firstArithmetic(expr: DurationExpr): Span | undefined {
  switch (expr.type) {
    case 'durationNumber':
      return undefined;
    case 'durationParen':
      return firstArithmetic(expr.expr) ?? expr.expr.span;
    case 'durationUnary':
      return firstArithmetic(expr.expr) ?? expr.span;
    case 'durationBinary':
      return firstArithmetic(expr.lhs) ?? firstArithmetic(expr.rhs) ?? expr.span;
    case 'durationStep':
    case 'durationRange':
      return expr.span;
  }
}

function noShift(): TimeShift {
  return { offsetMs: 0, offsetExpr: undefined, timestampMs: undefined, startOrEnd: undefined };
}

function shiftOf(expr: Expr): TimeShift | undefined {
  if (expr.type === 'matrixSelector') return expr.vector;
  return expr.type === 'vectorSelector' || expr.type === 'subquery' ? expr : undefined;
}

function fail(message: string, span: Span): never {
  throw new SyntaxProblem(message, span.start, span.end);
}
