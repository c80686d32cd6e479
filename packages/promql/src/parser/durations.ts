/** Durations and numbers of the syntax, and arithmetic on durations (experimental). */
import { parseDuration } from '@watchroom/model';
import type { DurationExpr } from './ast.ts';
import { type Problem, SyntaxProblem } from './errors.ts';
import { quote } from './go-strings.ts';
import type { Token } from './lexer.ts';
import type { TokenStream } from './token-stream.ts';

/** Go's time.Duration holds int64 nanoseconds. */
const MAX_SECONDS = 2 ** 63 / 1e9;

const MAX_INTEGER = 2n ** 63n;

/**
 * The value of a number token: decimal, hexadecimal, octal with a leading 0, underscores between digits, inf, nan.
 * As Go reads them: an integer of 64 bits first, then a decimal float. Throws SyntaxProblem.
 */
export function numberOf(token: Token): number {
  const text = token.value.toLowerCase();
  if (text === 'inf') return Number.POSITIVE_INFINITY;
  if (text === 'nan') return Number.NaN;
  const plain = text.replaceAll('_', '');
  const octal = /^0[0-7]+$/.test(plain) ? BigInt(`0o${plain.slice(1)}`) : undefined;
  if (octal !== undefined && octal < MAX_INTEGER) return Number(octal);
  const bad = (why: string): SyntaxProblem => {
    const message = `error parsing number: strconv.ParseFloat: parsing ${quote(token.value)}: ${why}`;
    return new SyntaxProblem(message, token.start, token.end);
  };
  if (plain.startsWith('0x')) {
    if (!/^0x[0-9a-f]+$/.test(plain) || BigInt(plain) >= MAX_INTEGER) throw bad('invalid syntax');
    return Number(BigInt(plain));
  }
  const value = /^(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/.test(plain) ? Number(plain) : Number.NaN;
  if (Number.isNaN(value)) throw bad('invalid syntax');
  if (!Number.isFinite(value)) throw bad('value out of range');
  return value;
}

/** Seconds of a duration token; throws SyntaxProblem with Prometheus' text. */
export function durationOf(token: Token): number {
  const durationMs = parseDuration(token.value);
  if (durationMs !== undefined) return durationMs / 1000;
  const unit = [...token.value.matchAll(/[0-9]+([^0-9]+)/g)].find(
    ([, name]) => !/^(?:ms|[smhdwy])$/.test(name!),
  );
  const order = /^(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?$/;
  if (order.test(token.value)) throw new SyntaxProblem('duration out of range', token.start, token.end);
  const message = unit
    ? `unknown unit ${quote(unit[1]!)} in duration ${quote(token.value)}`
    : `not a valid duration string: ${quote(token.value)}`;
  throw new SyntaxProblem(message, token.start, token.end);
}

/** Reads durations with the precedences of the operators: + - below * / % below unary below ^. */
export class DurationParser {
  readonly #tokens: TokenStream;
  readonly #context: string;
  readonly #expected: string;

  constructor(tokens: TokenStream, context: string, expected: string) {
    this.#tokens = tokens;
    this.#context = context;
    this.#expected = expected;
  }

  parse(level = 0): DurationExpr {
    let lhs = this.#unary();
    for (;;) {
      const op = this.#tokens.current.value;
      const power = POWERS[op];
      if (this.#tokens.current.kind !== 'symbol' || power === undefined || power < level) return lhs;
      const opToken = this.#tokens.take();
      const rhs = this.parse(op === '^' ? power : power + 1);
      lhs = {
        type: 'durationBinary',
        op: op as '+',
        lhs,
        rhs,
        span: { start: lhs.span.start, end: rhs.span.end },
        opSpan: { start: opToken.start, end: opToken.end },
      };
    }
  }

  /** A sign, parentheses, a literal, step(), range(), min_of(a, b) or max_of(a, b); what `offset` takes. */
  primary(signed = true): DurationExpr {
    const tokens = this.#tokens;
    const token = tokens.current;
    const start = token.start;
    if (token.kind === 'number' || token.kind === 'duration') {
      tokens.take();
      const isDuration = token.kind === 'duration';
      const seconds = isDuration ? durationOf(token) : numberOf(token);
      if (!(Math.abs(seconds) <= MAX_SECONDS))
        throw new SyntaxProblem('duration out of range', start, token.end);
      return { type: 'durationNumber', seconds, isDuration, span: { start, end: token.end } };
    }
    if (signed && (tokens.at('-') || tokens.at('+')))
      return this.#signed((op) => this.primary(op === undefined));
    if (tokens.accept('(')) {
      const expr = this.parse();
      tokens.expect(')', this.#context, this.#expected);
      return { type: 'durationParen', expr, span: { start, end: tokens.lastEnd } };
    }
    if (token.kind === 'keyword') return this.#named(token);
    return tokens.unexpected(this.#context, this.#expected);
  }

  #unary(): DurationExpr {
    if (this.#tokens.at('-') || this.#tokens.at('+')) return this.#signed(() => this.parse(UNARY_POWER));
    return this.primary(false);
  }

  #signed(inner: (op?: string) => DurationExpr): DurationExpr {
    const token = this.#tokens.take();
    const expr = inner(token.value);
    const span = { start: token.start, end: expr.span.end };
    if (expr.type === 'durationNumber') {
      return { ...expr, seconds: token.value === '-' ? -expr.seconds : expr.seconds, span };
    }
    return { type: 'durationUnary', op: token.value as '-', expr, span };
  }

  #named(token: Token): DurationExpr {
    const tokens = this.#tokens;
    const name = token.value;
    if (!['step', 'range', 'min_of', 'max_of'].includes(name))
      tokens.unexpected(this.#context, this.#expected);
    tokens.take();
    tokens.expect('(');
    if (name === 'step' || name === 'range') {
      tokens.expect(')');
      const span = { start: token.start, end: tokens.lastEnd };
      return { type: name === 'step' ? 'durationStep' : 'durationRange', span };
    }
    const lhs = this.parse();
    tokens.expect(',');
    const rhs = this.parse();
    tokens.expect(')');
    const span = { start: token.start, end: tokens.lastEnd };
    return { type: 'durationBinary', op: name as 'min_of', lhs, rhs, span, opSpan: span };
  }
}

const POWERS: Readonly<Record<string, number>> = { '+': 1, '-': 1, '*': 2, '/': 2, '%': 2, '^': 4 };
const UNARY_POWER = 3;

/** What the expressions `step()` and `range()` stand for; ms. */
export interface DurationContext {
  readonly stepMs: number;
  readonly rangeMs: number;
}

/** Seconds; undefined while it depends on the query's step or range and no context is given. */
export function evaluateDuration(expr: DurationExpr, context?: DurationContext): number | undefined {
  switch (expr.type) {
    case 'durationNumber':
      return expr.seconds;
    case 'durationStep':
      return context && context.stepMs / 1000;
    case 'durationRange':
      return context && context.rangeMs / 1000;
    case 'durationParen':
      return evaluateDuration(expr.expr, context);
    case 'durationUnary': {
      const value = evaluateDuration(expr.expr, context);
      return value !== undefined && expr.op === '-' ? -value : value;
    }
    case 'durationBinary':
      return combine(expr, evaluateDuration(expr.lhs, context), evaluateDuration(expr.rhs, context));
  }
}

type DurationBinary = Extract<DurationExpr, { type: 'durationBinary' }>;

function combine(expr: DurationBinary, a: number | undefined, b: number | undefined): number | undefined {
  if (b === 0 && (expr.op === '/' || expr.op === '%')) {
    const message = expr.op === '/' ? 'division by zero' : 'modulo by zero';
    throw new SyntaxProblem(message, expr.opSpan.start, expr.opSpan.end);
  }
  if (a === undefined || b === undefined) return undefined;
  switch (expr.op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
    case '^':
      return a ** b;
    case 'min_of':
      return Math.min(a, b);
    case 'max_of':
      return Math.max(a, b);
  }
}

/** Milliseconds of an evaluated duration, checked; undefined when it waits for the query. */
export function durationMs(
  expr: DurationExpr,
  positive: boolean,
  context?: DurationContext,
): number | undefined {
  const seconds = evaluateDuration(expr, context);
  if (seconds === undefined) return undefined;
  const problem = (message: string): Problem => ({ message, start: expr.span.start, end: expr.span.end });
  if (positive && !(seconds > 0)) fail(problem('duration must be greater than 0'));
  if (!(Math.abs(seconds) <= MAX_SECONDS)) fail(problem('duration out of range'));
  return Math.trunc(Math.round(seconds * 1e9) / 1e6);
}

function fail({ message, start, end }: Problem): never {
  throw new SyntaxProblem(message, start, end);
}
