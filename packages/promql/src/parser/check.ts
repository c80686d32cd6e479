/** Types, argument counts and the other rules that hold beyond the grammar; all problems of a tree, inner ones first. */
import type { Binary, Call, Expr, Span, ValueType, VectorSelector } from './ast.ts';
import { COMPARISONS, SET_OPERATORS, valueTypeOf } from './ast.ts';
import type { Problem } from './errors.ts';
import { AGGREGATE_PARAMS } from './function-table.ts';
import { quote } from './go-strings.ts';
import { isSpace } from './lexer.ts';
import { typeName } from './type-names.ts';

export function check(expr: Expr, text: string): Problem[] {
  const checker = new Checker(text);
  checker.check(expr);
  return checker.problems;
}

class Checker {
  readonly problems: Problem[] = [];
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  check(expr: Expr): ValueType {
    switch (expr.type) {
      case 'aggregate':
        this.#expect(expr.expr, 'vector', 'aggregation expression');
        if (expr.param) this.#expect(expr.param, AGGREGATE_PARAMS[expr.op]!, 'aggregation parameter');
        break;
      case 'binary':
        this.#binary(expr);
        break;
      case 'call':
        this.#call(expr);
        break;
      case 'paren':
        this.check(expr.expr);
        break;
      case 'unary': {
        const type = this.check(expr.expr);
        if (type === 'scalar' || type === 'vector') break;
        const got = quote(typeName(type));
        this.#add(
          expr.span,
          `unary expression only allowed on expressions of type scalar or instant vector, got ${got}`,
        );
        break;
      }
      case 'subquery': {
        const type = this.check(expr.expr);
        if (type !== 'vector')
          this.#add(expr.span, `subquery is only allowed on instant vector, got ${type} instead`);
        break;
      }
      case 'matrixSelector':
        this.check(expr.vector);
        break;
      case 'vectorSelector':
        this.#selector(expr);
        break;
      default:
    }
    return valueTypeOf(expr);
  }

  #add({ start, end }: Span, message: string): void {
    this.problems.push({ message, start, end });
  }

  #expect(expr: Expr, wanted: ValueType, context: string): void {
    const type = this.check(expr);
    if (type === wanted) return;
    this.#add(expr.span, `expected type ${typeName(wanted)} in ${context}, got ${typeName(type)}`);
  }

  #binary(expr: Binary): void {
    const left = this.check(expr.lhs);
    const right = this.check(expr.rhs);
    const isSet = SET_OPERATORS.has(expr.op);
    if (expr.returnBool && !COMPARISONS.has(expr.op)) {
      this.#add(this.#operatorSpan(expr), 'bool modifier can only be used on comparison operators');
    }
    if (COMPARISONS.has(expr.op) && !expr.returnBool && left === 'scalar' && right === 'scalar') {
      this.#add(this.#operatorSpan(expr), 'comparisons between scalars must use BOOL modifier');
    }
    this.#clauses(expr);
    const mixable = (type: ValueType): boolean => type === 'scalar' || type === 'vector';
    const message = 'binary expression must contain only scalar and instant vector types';
    if (!mixable(left)) this.#add(expr.lhs.span, message);
    if (!mixable(right)) this.#add(expr.rhs.span, message);
    if (expr.matching && (left !== 'vector' || right !== 'vector')) {
      if (expr.matching.labels.length > 0)
        this.#add(expr.span, 'vector matching only allowed between instant vectors');
      else if (expr.matching.fillLeft !== undefined || expr.matching.fillRight !== undefined) {
        this.#add(expr.span, 'filling in missing series only allowed between instant vectors');
      }
      expr.matching = undefined;
    } else if (expr.matching && isSet) this.#setMatching(expr);
    if (isSet && (left === 'scalar' || right === 'scalar')) {
      this.#add(expr.span, `set operator ${quote(expr.op)} not allowed in binary scalar expression`);
    }
  }

  #setMatching(expr: Binary): void {
    const { card, fillLeft, fillRight } = expr.matching!;
    if (card === 'many-to-one' || card === 'one-to-many') {
      this.#add(expr.span, `no grouping allowed for ${quote(expr.op)} operation`);
    }
    if (card !== 'many-to-many') this.#add(expr.span, 'set operations must always be many-to-many');
    if (fillLeft !== undefined || fillRight !== undefined) {
      this.#add(expr.span, 'filling in missing series not allowed for set operators');
    }
  }

  #clauses(expr: Binary): void {
    if (!expr.matching?.on) return;
    for (const label of expr.matching.labels) {
      if (!expr.matching.include.includes(label)) continue;
      this.#add(
        this.#operatorSpan(expr),
        `label ${quote(label)} must not occur in ON and GROUP clause at once`,
      );
    }
  }

  /** Between the operands without the white space; the end is the last character's index, as upstream has it. */
  #operatorSpan(expr: Binary): Span {
    let start = expr.lhs.span.end;
    let end = expr.rhs.span.start - 1;
    while (isSpace(this.#text[start] ?? '')) start++;
    while (isSpace(this.#text[end] ?? '')) end--;
    return { start, end };
  }

  #call(expr: Call): void {
    const { name, args: types, variadic } = expr.func;
    const count = expr.args.length;
    const least = variadic === 0 ? types.length : types.length - 1;
    const most = variadic === 0 ? types.length : least + variadic;
    const told = `argument(s) in call to ${quote(name)}, got ${count}`;
    if (variadic === 0 && count !== least) this.#add(expr.span, `expected ${least} ${told}`);
    else if (count < least) this.#add(expr.span, `expected at least ${least} ${told}`);
    else if (variadic > 0 && count > most) this.#add(expr.span, `expected at most ${most} ${told}`);
    expr.args.forEach((arg, i) => {
      if (name === 'info' && i === 1) this.#infoLabels(arg);
      else
        this.#expect(arg, types[Math.min(i, types.length - 1)] ?? 'none', `call to function ${quote(name)}`);
    });
  }

  #infoLabels(arg: Expr): void {
    if (arg.type !== 'vectorSelector') this.#add(arg.span, 'expected label selectors only');
    else if (arg.name !== '' && !this.#text.slice(arg.span.start).startsWith('{')) {
      this.#add(arg.span, 'expected label selectors only, got vector selector instead');
    }
  }

  #selector(expr: VectorSelector): void {
    const outside = expr.name !== '' && this.#text[expr.span.start] !== '{';
    if (outside) {
      for (const matcher of expr.matchers.slice(0, -1)) {
        if (matcher.name !== '__name__') continue;
        const names = `${quote(expr.name)} or ${quote(matcher.value)}`;
        this.#add(expr.span, `metric name must not be set twice: ${names}`);
        return;
      }
    }
    if (expr.matchers.some((matcher) => !matcher.matchesEmpty)) return;
    this.#add(expr.span, 'vector selector must contain at least one non-empty matcher');
  }
}
