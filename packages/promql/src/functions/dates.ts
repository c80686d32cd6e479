/**
 * Calendar functions of Unix seconds in UTC, as Go's time.Unix(int64(value), 0) has them for every float: fractions are cut
 * off, what an int64 cannot hold (NaN, infinities) is its smallest value, and the calendar goes on for 292 billion years
 * and then wraps round.
 */
import type { FloatFunction } from './math.ts';

const DAY_S = 86_400;
/** Below it, days are exact in doubles. */
const PLAIN_S = 2 ** 50;
/** The Unix second at which Go's years begin, 1 January -292277022399. */
const ZERO_S = -9_223_372_028_741_760_000n;

/** Whole days since 1970 and the second within the day. */
function split(value: number): readonly [days: number, second: number] {
  if (Math.abs(value) < PLAIN_S) {
    const seconds = Math.trunc(value);
    const days = Math.floor(seconds / DAY_S);
    return [days, seconds - days * DAY_S];
  }
  const whole = Math.abs(value) < 2 ** 63 ? BigInt(Math.trunc(value)) : -(2n ** 63n);
  const wrapped = BigInt.asUintN(64, whole - ZERO_S) + ZERO_S;
  const days = wrapped / 86_400n - (wrapped % 86_400n < 0n ? 1n : 0n);
  return [Number(days), Number(wrapped - days * 86_400n)];
}

interface CivilDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
}

/** Gregorian, by eras of 400 years that begin on 1 March. Source: https://howardhinnant.github.io/date_algorithms.html. */
function civilOf(days: number): CivilDate {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const ofEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * ofYear + 2) / 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: ofYear - Math.floor((153 * fromMarch + 2) / 5) + 1,
  };
}

const MONTH_DAYS: readonly number[] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function daysInMonth({ year, month }: CivilDate): number {
  return month === 2 && isLeap(year) ? 29 : MONTH_DAYS[month - 1]!;
}

function dayOfYear({ year, month, day }: CivilDate): number {
  let days = day;
  for (let before = 1; before < month; before++) days += daysInMonth({ year, month: before, day: 1 });
  return days;
}

function ofDate(read: (date: CivilDate) => number): FloatFunction {
  return (value) => read(civilOf(split(value)[0]));
}

function ofSecond(read: (second: number) => number): FloatFunction {
  return (value) => read(split(value)[1]);
}

export const dateFunctions: Readonly<Record<string, FloatFunction>> = {
  day_of_month: ofDate(({ day }) => day),
  // 1970 began on a Thursday.
  day_of_week: (value) => (((split(value)[0] + 4) % 7) + 7) % 7,
  day_of_year: ofDate(dayOfYear),
  days_in_month: ofDate(daysInMonth),
  hour: ofSecond((second) => Math.floor(second / 3600)),
  minute: ofSecond((second) => Math.floor((second % 3600) / 60)),
  month: ofDate(({ month }) => month),
  year: ofDate(({ year }) => year),
};
