/**
 * Values as a person reads them, three significant digits. Numbers and SI symbols are alike in English and Chinese
 * (GB 3100 uses the international symbols); words differ.
 */
export const UNITS = ['short', 'seconds', 'bytes', 'bytesPerSecond', 'ratio', 'perSecond', 'count'] as const;
export type Unit = (typeof UNITS)[number];
export type UnitLocale = 'en' | 'zh';

/** What stands for a value that is not there. */
export const NO_VALUE = '–';

/** The text of a value; NO_VALUE for NaN, ∞ with a sign for infinities. */
export function formatUnit(value: number, unit: Unit, locale: UnitLocale = 'en'): string {
  if (Number.isNaN(value)) return NO_VALUE;
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  if (value < 0) return `−${formatUnit(-value, unit, locale)}`;
  switch (unit) {
    case 'seconds':
      return formatSeconds(value, locale);
    case 'bytes':
      return scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'], ' ');
    case 'bytesPerSecond':
      return scaled(value, 1024, ['B/s', 'KiB/s', 'MiB/s', 'GiB/s', 'TiB/s', 'PiB/s'], ' ');
    case 'ratio':
      return `${formatPercent(value * 100)}%`;
    case 'perSecond':
      return `${formatShort(value)}${locale === 'zh' ? ' 次/秒' : ' req/s'}`;
    case 'count':
      return Number.isInteger(value) && value < 1e15 ? grouped(value) : formatShort(value);
    case 'short':
      return formatShort(value);
  }
}

/** Shares close to 100 % keep the digits that matter: 99.95 is not 100. */
function formatPercent(percent: number): string {
  if (percent > 99 && percent < 100) return digits(Math.floor(percent * 1000) / 1000, 5);
  return percent !== 0 && percent < 0.001 ? '<0.001' : digits(percent, 3);
}

function formatSeconds(value: number, locale: UnitLocale): string {
  if (value === 0) return '0 s';
  if (value < 999.5e-9) return `${digits(value * 1e9, 3)} ns`;
  if (value < 999.5e-6) return `${digits(value * 1e6, 3)} µs`;
  if (value < 0.9995) return `${digits(value * 1e3, 3)} ms`;
  if (value < 59.95) return `${digits(value, 3)} s`;
  const words = locale === 'zh' ? ['天', '小时', '分', '秒'] : ['d', 'h', 'min', 's'];
  const whole = Math.round(value);
  const parts = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
    whole % 60,
  ];
  const first = parts.findIndex((part) => part > 0);
  const shown = parts
    .slice(first, first + 2)
    .map((part, i) => (part > 0 ? `${part} ${words[first + i]}` : ''));
  return shown.filter((text) => text !== '').join(' ');
}

function formatShort(value: number): string {
  if (value === 0) return '0';
  if (value < 0.001) return value.toExponential(2).replace('e-', 'e−');
  return scaled(value, 1000, ['', 'k', 'M', 'G', 'T', 'P', 'E'], '');
}

function scaled(value: number, base: number, names: readonly string[], space: string): string {
  let power = 0;
  let rest = value;
  // 999.6 rounds to 1000: it belongs to the next name already.
  while (power < names.length - 1 && Math.round(rest) >= base) {
    rest /= base;
    power++;
  }
  const name = names[power]!;
  return name === '' ? digits(rest, 3) : `${digits(rest, 3)}${space}${name}`;
}

/** At most `count` significant digits, whole numbers never cut, no trailing zeros, no exponent. */
function digits(value: number, count: number): string {
  if (value >= 10 ** (count - 1)) return grouped(Math.round(value));
  return String(Number(value.toPrecision(count)));
}

function grouped(whole: number): string {
  return String(whole).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** The unit that a metric's name promises (https://prometheus.io/docs/practices/naming/), `short` when none. */
export function unitOfMetric(name: string): Unit {
  const base = name.replace(/_(total|sum|bucket)$/, '');
  if (/_seconds$/.test(base)) return 'seconds';
  if (/_bytes$/.test(base)) return 'bytes';
  if (/_ratio$/.test(base)) return 'ratio';
  return 'short';
}
