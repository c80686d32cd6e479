/** One-line form of an expression, as Prometheus prints it; parses back to the same tree. */
import { compareBytes, formatDuration, formatValue, METRIC_NAME } from '@watchroom/model';
import type {
  Aggregate,
  Binary,
  DurationExpr,
  Expr,
  NumberLiteral,
  Subquery,
  TimeShift,
  VectorSelector,
} from './ast.ts';
import { quote } from './go-strings.ts';

const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const PLAIN_METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

export function formatExpr(expr: Expr): string {
  switch (expr.type) {
    case 'number':
      return formatNumber(expr);
    case 'string':
      return quote(expr.value);
    case 'vectorSelector':
      return formatSelector(expr) + formatShift(expr);
    case 'matrixSelector': {
      const range = formatRange(expr.rangeMs, expr.rangeExpr);
      const mode = expr.vector.mode ? ` ${expr.vector.mode}` : '';
      return `${formatSelector({ ...expr.vector, mode: undefined })}[${range}]${mode}${formatShift(expr.vector)}`;
    }
    case 'subquery':
      return formatExpr(expr.expr) + subquerySuffix(expr);
    case 'call':
      return `${expr.func.name}(${expr.args.map(formatExpr).join(', ')})`;
    case 'aggregate': {
      const param = expr.param ? `${formatExpr(expr.param)}, ` : '';
      return `${aggregateHead(expr)}(${param}${formatExpr(expr.expr)})`;
    }
    case 'binary':
      return `${formatExpr(expr.lhs)} ${binaryOperator(expr)} ${formatExpr(expr.rhs)}`;
    case 'unary':
      return expr.op + formatExpr(expr.expr);
    case 'paren':
      return `(${formatExpr(expr.expr)})`;
  }
}

/** `sum by (job) ` with the blank, or `sum`. */
export function aggregateHead(expr: Aggregate): string {
  if (expr.without) return `${expr.op} without (${expr.grouping.map(label).join(', ')}) `;
  return expr.grouping.length > 0 ? `${expr.op} by (${expr.grouping.map(label).join(', ')}) ` : expr.op;
}

/** `* on (a) group_left (b)`, `> bool`. */
export function binaryOperator(expr: Binary): string {
  let text: string = expr.op;
  if (expr.returnBool) text += ' bool';
  const matching = expr.matching;
  if (!matching) return text;
  if (
    matching.labels.length > 0 ||
    matching.on ||
    matching.card === 'many-to-one' ||
    matching.card === 'one-to-many'
  ) {
    text += ` ${matching.on ? 'on' : 'ignoring'} (${matching.labels.map(label).join(', ')})`;
  }
  if (matching.card === 'many-to-one' || matching.card === 'one-to-many') {
    const include = matching.include.map(label).join(', ');
    text += ` ${matching.card === 'many-to-one' ? 'group_left' : 'group_right'} (${include})`;
  }
  const { fillLeft, fillRight } = matching;
  if (fillLeft !== undefined && Object.is(fillLeft, fillRight))
    return `${text} fill (${formatValue(fillLeft)})`;
  if (fillLeft !== undefined) text += ` fill_left (${formatValue(fillLeft)})`;
  if (fillRight !== undefined) text += ` fill_right (${formatValue(fillRight)})`;
  return text;
}

/** `[5m:1m] @ 3.000 offset 1h` */
export function subquerySuffix(expr: Subquery): string {
  const step = expr.stepMs === 0 && !expr.stepExpr ? '' : formatRange(expr.stepMs, expr.stepExpr);
  return `[${formatRange(expr.rangeMs, expr.rangeExpr)}:${step}]${formatShift(expr)}`;
}

export function formatNumber(expr: NumberLiteral): string {
  if (expr.isDuration) return formatDuration(expr.value * 1000);
  return formatValue(expr.value);
}

function label(name: string): string {
  return LABEL_NAME.test(name) ? name : quote(name);
}

export function formatSelector(expr: VectorSelector): string {
  const parts: string[] = [];
  const plain =
    PLAIN_METRIC.test(expr.name) && !/^(?:bool|group_left|group_right|ignoring|on|atan2)$/i.test(expr.name);
  if (expr.name !== '' && !plain) parts.push(quote(expr.name));
  for (const matcher of expr.matchers) {
    if (matcher.name === METRIC_NAME && matcher.operator === '=' && matcher.value === expr.name) continue;
    parts.push(`${label(matcher.name)}${matcher.operator}${quote(matcher.value)}`);
  }
  parts.sort(compareBytes);
  const name = plain ? expr.name : '';
  const braces = parts.length === 0 && name !== '' ? '' : `{${parts.join(',')}}`;
  return name + braces + (expr.mode ? ` ${expr.mode}` : '');
}

export function formatShift(shift: TimeShift): string {
  let text = '';
  if (shift.timestampMs !== undefined) text += ` @ ${(shift.timestampMs / 1000).toFixed(3)}`;
  else if (shift.startOrEnd) text += ` @ ${shift.startOrEnd}()`;
  if (shift.offsetExpr) return `${text} offset ${formatOffset(shift.offsetExpr)}`;
  return shift.offsetMs === 0 ? text : `${text} offset ${formatDuration(shift.offsetMs)}`;
}

/** After `offset`, arithmetic stands in parentheses. */
function formatOffset(expr: DurationExpr): string {
  return formatDurationExpr(expr);
}

function formatRange(rangeMs: number, expr: DurationExpr | undefined): string {
  return expr ? formatDurationExpr(expr) : formatDuration(rangeMs);
}

function formatDurationExpr(expr: DurationExpr): string {
  switch (expr.type) {
    case 'durationNumber':
      return expr.isDuration ? formatDuration(expr.seconds * 1000) : formatValue(expr.seconds);
    case 'durationStep':
      return 'step()';
    case 'durationRange':
      return 'range()';
    case 'durationParen':
      return `(${formatDurationExpr(expr.expr)})`;
    case 'durationUnary':
      return expr.op + formatDurationExpr(expr.expr);
    case 'durationBinary': {
      const [a, b] = [formatDurationExpr(expr.lhs), formatDurationExpr(expr.rhs)];
      return expr.op.endsWith('_of') ? `${expr.op}(${a}, ${b})` : `${a} ${expr.op} ${b}`;
    }
  }
}
