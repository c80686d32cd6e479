/**
 * Reports on their way to the server's thread. Nearly every report brings the values of a row and nothing else that could not
 * be told in numbers: those stand one behind the other in one array, which is moved and not copied, instead of as objects.
 */
import { type FetchReport, NONE_BORN } from './protocol.ts';

export interface PackedReports {
  /** In their order; undefined: the next of the plain ones. */
  readonly reports: readonly (FetchReport | undefined)[];
  /** Of each plain one its numbers, and then its values. */
  readonly plain: Float64Array;
}

/** Numbers of a plain report before its values. */
const NUMBERS = 13;
const FIRST_LENGTH = 16_384;

export class ReportPacker {
  #plain = new Float64Array(FIRST_LENGTH);
  #length = 0;

  /** Writes a plain report down and gives undefined; gives any other back. A row's values may change afterwards. */
  pack(report: FetchReport): FetchReport | undefined {
    const { reading } = report;
    if (!reading?.isRow) return report;
    if (!isPlain(report)) return { ...report, reading: { ...reading, values: reading.values.slice() } };
    const { values } = reading;
    const end = this.#length + NUMBERS + values.length;
    if (end > this.#plain.length) this.#grow(end);
    const plain = this.#plain;
    let at = this.#length;
    plain[at++] = report.target;
    plain[at++] = report.generation;
    plain[at++] = report.sampleTimeMs;
    plain[at++] = report.lateMs;
    plain[at++] = report.durationMs;
    plain[at++] = report.endedAtMs;
    plain[at++] = report.nextInMs;
    plain[at++] = report.missed;
    plain[at++] = report.bodyBytes;
    plain[at++] = reading.samples;
    plain[at++] = reading.duplicates;
    plain[at++] = reading.errorCount;
    plain[at++] = values.length;
    plain.set(values, at);
    this.#length = end;
    return undefined;
  }

  /** What has been written down, in an array of its own. */
  take(): Float64Array<ArrayBuffer> {
    const plain = this.#plain.slice(0, this.#length);
    this.#length = 0;
    return plain;
  }

  #grow(length: number): void {
    const grown = new Float64Array(length * 2);
    grown.set(this.#plain);
    this.#plain = grown;
  }
}

/** Values of plain reports are views. */
export function unpackReports({ reports, plain }: PackedReports): FetchReport[] {
  let at = 0;
  return reports.map((report) => {
    if (report) return report;
    const from = at + NUMBERS;
    const length = plain[from - 1]!;
    const found = plainReport(plain.subarray(at, from), plain.subarray(from, from + length));
    at = from + length;
    return found;
  });
}

const NOTHING: readonly [] = [];

function plainReport(numbers: Float64Array, values: Float64Array): FetchReport {
  return {
    target: numbers[0]!,
    generation: numbers[1]!,
    sampleTimeMs: numbers[2]!,
    lateMs: numbers[3]!,
    durationMs: numbers[4]!,
    endedAtMs: numbers[5]!,
    nextInMs: numbers[6]!,
    missed: numbers[7]!,
    bodyBytes: numbers[8]!,
    fault: undefined,
    reading: {
      fatal: undefined,
      samples: numbers[9]!,
      duplicates: numbers[10]!,
      errorCount: numbers[11]!,
      metadata: undefined,
      born: NONE_BORN,
      isRow: true,
      handles: undefined,
      values,
      times: undefined,
      extras: NOTHING,
    },
  };
}

function isPlain({ fault, reading }: FetchReport): boolean {
  if (fault || !reading) return false;
  const { fatal, metadata, born, handles, times, extras } = reading;
  if (fatal !== undefined || metadata || handles || times) return false;
  return born.count === 0 && extras.length === 0;
}
