/**
 * Text → checked syntax tree, with Prometheus' error texts and positions.
 * Precedence, low to high: or; and unless; == != < > <= >= </ >/; + -; * / % atan2; unary; ^ (right).
 * Source: https://prometheus.io/docs/prometheus/latest/querying/operators/#binary-operator-precedence.
 */
import type { Binary, BinaryOperator, Expr, VectorMatching } from './ast.ts';
import { valueTypeOf } from './ast.ts';
import { check } from './check.ts';
import { numberOf } from './durations.ts';
import { ParseError, SyntaxProblem } from './errors.ts';
import { groupingLabels } from './labels-list.ts';
import { PostfixParser } from './postfix.ts';
import { Primaries } from './primary.ts';
import { TokenStream } from './token-stream.ts';

export interface ParseOptions {
  /** Functions, duration arithmetic, fill modifiers and extended ranges that Prometheus has behind flags. */
  readonly experimental?: boolean;
}

/** Throws ParseError. */
export function parseExpr(text: string, options: ParseOptions = {}): Expr {
  try {
    const tokens = new TokenStream(text);
    if (tokens.atEnd) throw new SyntaxProblem('no expression found in input', 0, 0);
    const parser = new ExprParser(tokens, options.experimental === true);
    const expr = parser.expr();
    if (!tokens.atEnd) tokens.unexpected();
    const problems = check(expr, text);
    if (problems.length > 0) throw new ParseError(text, problems);
    return expr;
  } catch (error) {
    if (error instanceof SyntaxProblem) throw new ParseError(text, [error.problem]);
    if (error instanceof RangeError) {
      throw new ParseError(text, [
        { message: 'expression is nested too deeply', start: 0, end: text.length },
      ]);
    }
    throw error;
  }
}

const POWERS: Readonly<Record<string, number>> = {
  ...{ or: 1, and: 2, unless: 2, '==': 3, '!=': 3, '<': 3, '>': 3, '<=': 3, '>=': 3, '</': 3, '>/': 3 },
  ...{ '+': 4, '-': 4, '*': 5, '/': 5, '%': 5, atan2: 5, '^': 7 },
};
const UNARY_POWER = 6;

class ExprParser {
  readonly #tokens: TokenStream;
  readonly #experimental: boolean;
  readonly #primaries: Primaries;
  readonly #postfix: PostfixParser;

  constructor(tokens: TokenStream, experimental: boolean) {
    this.#tokens = tokens;
    this.#experimental = experimental;
    this.#primaries = new Primaries(tokens, experimental, () => this.expr());
    this.#postfix = new PostfixParser(tokens, experimental);
  }

  expr(level = 0): Expr {
    let lhs = this.#unary();
    for (;;) {
      const { kind, value } = this.#tokens.current;
      const power = kind === 'symbol' || kind === 'keyword' ? POWERS[value] : undefined;
      if (power === undefined || power < level) return lhs;
      lhs = this.#binary(lhs, value as BinaryOperator, power);
    }
  }

  #unary(): Expr {
    const tokens = this.#tokens;
    if (!tokens.at('-') && !tokens.at('+')) return this.#postfix.parse(this.#primaries.primary());
    const sign = tokens.take();
    const expr = this.expr(UNARY_POWER);
    if (expr.type === 'number') {
      if (sign.value === '-') expr.value = -expr.value;
      expr.span = { start: sign.start, end: expr.span.end };
      return expr;
    }
    return { type: 'unary', op: sign.value as '-', expr, span: { start: sign.start, end: expr.span.end } };
  }

  #binary(lhs: Expr, op: BinaryOperator, power: number): Binary {
    const tokens = this.#tokens;
    tokens.take();
    const returnBool = tokens.accept('bool');
    const written = this.#matching();
    const rhs = this.expr(op === '^' ? power : power + 1);
    const span = { start: lhs.span.start, end: rhs.span.end };
    const matching = written ?? implicitMatching(lhs, rhs);
    if (matching && (op === 'and' || op === 'or' || op === 'unless') && matching.card === 'one-to-one') {
      matching.card = 'many-to-many';
    }
    return { type: 'binary', op, lhs, rhs, matching, returnBool, span };
  }

  #matching(): VectorMatching | undefined {
    const tokens = this.#tokens;
    let card: VectorMatching['card'] = 'one-to-one';
    let labels: readonly string[] = [];
    let include: readonly string[] = [];
    const on = tokens.at('on');
    const written = on || tokens.at('ignoring');
    if (written) {
      tokens.take();
      labels = groupingLabels(tokens);
      if (tokens.at('group_left') || tokens.at('group_right')) {
        card = tokens.take().value === 'group_left' ? 'many-to-one' : 'one-to-many';
        if (tokens.at('(') || !canFollow(tokens)) include = groupingLabels(tokens);
      }
    }
    const fill = this.#fill();
    if (!written && !fill) return undefined;
    return { card, labels, on, include, fillLeft: fill?.left, fillRight: fill?.right };
  }

  #fill(): { left: number | undefined; right: number | undefined } | undefined {
    const tokens = this.#tokens;
    let left: number | undefined;
    let right: number | undefined;
    let seen = false;
    while (this.#fillFollows()) {
      seen = true;
      const word = tokens.take();
      if (!this.#experimental) {
        throw new SyntaxProblem(
          'binop fill modifiers are experimental and not enabled',
          word.start,
          word.end,
        );
      }
      tokens.expect('(');
      const value = this.#signedNumber();
      tokens.expect(')');
      if (word.value !== 'fill_right') left = value;
      if (word.value !== 'fill_left') right = value;
    }
    return seen ? { left, right } : undefined;
  }

  /** `fill` is also a metric's name: only before a parenthesis with a number it is the modifier. */
  #fillFollows(): boolean {
    const { current, following } = this.#tokens;
    return current.kind === 'keyword' && current.value.startsWith('fill') && following?.value === '(';
  }

  #signedNumber(): number {
    const tokens = this.#tokens;
    const negative = tokens.at('-');
    if (negative || tokens.at('+')) tokens.take();
    if (tokens.current.kind !== 'number') tokens.unexpected('fill modifier', 'number');
    const value = numberOf(tokens.take());
    return negative ? -value : value;
  }
}

function implicitMatching(lhs: Expr, rhs: Expr): VectorMatching | undefined {
  if (valueTypeOf(lhs) !== 'vector' || valueTypeOf(rhs) !== 'vector') return undefined;
  return {
    card: 'one-to-one',
    labels: [],
    on: false,
    include: [],
    fillLeft: undefined,
    fillRight: undefined,
  };
}

/** What cannot begin the right operand, where the labels of group_left are expected too. */
const NOT_NEXT: ReadonlySet<string> = new Set([
  ...[
    'on',
    'ignoring',
    'group_left',
    'group_right',
    'bool',
    ')',
    ']',
    '}',
    ',',
    '*',
    '/',
    '%',
    '^',
    '=',
    '@',
    ':',
  ],
  ...['==', '!=', '>=', '<=', '>', '<', '=~', '!~'],
]);

function canFollow({ current: { kind, value } }: TokenStream): boolean {
  if (kind === 'eof') return false;
  return !((kind === 'keyword' || kind === 'symbol') && NOT_NEXT.has(value));
}
