/** Checks head.db; see docs/formats/store.md. */
import type { DatabaseSync } from 'node:sqlite';
import { isAbsent } from '../chunk/absent.ts';
import { NUMBERS_PER_FAMILY } from '../disk/block-family.ts';
import { HEAD_QUERIES, isIntactColumns, isIntactWal, seriesOf } from '../disk/head-file.ts';
import type { Row } from '../disk/sqlite.ts';
import { ExemplarBuffer } from '../exemplars/exemplar-buffer.ts';
import { restoreExemplars } from '../exemplars/exemplar-rows.ts';
import { recordsOf } from '../replay.ts';
import type { Report } from './verify.ts';

export interface HeadContext {
  /** Segments in each chunk file. */
  readonly found: ReadonlyMap<number, ReadonlySet<number>>;
  /** Blocks that were listed before the chunk files were read, as file:segment: those that came since are not missing. */
  readonly listed: ReadonlySet<string>;
  /** The newest row that was ever written, as far as the heartbeat knows. */
  readonly beat: number | undefined;
  readonly hasTombstones: boolean;
}

/** The blocks that head.db lists, as file:segment. */
export function listedBlocks(db: DatabaseSync): Set<string> {
  const rows = db.prepare(HEAD_QUERIES.blocks('ASC')).all();
  return new Set(rows.map((row) => `${row['file']}:${row['segment']}`));
}

export function verifyHead(
  db: DatabaseSync,
  { found, listed, beat, hasTombstones }: HeadContext,
  report: Report,
  counted: (samples: number) => void,
): void {
  const rows = (table: keyof typeof HEAD_QUERIES): Iterable<Row> =>
    db.prepare(HEAD_QUERIES[table]('ASC')).iterate();
  const known = new Set<number>();
  for (const row of rows('series')) for (const ref of seriesRefs(row, report)) known.add(ref);
  const segments = new Set<number>();
  for (const row of rows('segments')) segments.add(Number(row['at']));
  const columns = new Map<number, number>();
  for (const row of rows('columns')) checkColumns(row, { segments, known, columns }, report);
  const sealed = new Set([...found.values()].flatMap((own) => [...own]));
  let newest = 0;
  for (const row of rows('wal')) {
    newest = Number(row['at']);
    counted(checkRecord(row, { segments, sealed, columns }, report));
  }
  const exemplars = new ExemplarBuffer(1);
  for (const row of rows('exemplars'))
    if (restoreExemplars([row], exemplars) > 0)
      report(`exemplars row ${row['at']}`, 'the checksum does not fit');
  for (const row of rows('meta')) {
    if (row['key'] === 'seq') newest = Math.max(newest, Number(row['value']));
    if (row['key'] === 'tombstones' && row['value'] === 1 && !hasTombstones)
      report('meta', 'the list of tombstones is missing: what was deleted will be seen again');
  }
  if (beat !== undefined && beat > newest)
    report(
      'wal',
      `the last row is number ${newest}, but ${beat} had been written: the file has lost its end`,
    );
  for (const row of rows('blocks')) {
    const [file, segment] = [Number(row['file']), Number(row['segment'])];
    const isMissing = file < NUMBERS_PER_FAMILY && !found.get(file)?.has(segment);
    if (isMissing && listed.has(`${file}:${segment}`))
      report(
        `blocks row (${file}, ${segment})`,
        `chunk file ${file} does not have the block of segment ${segment}`,
      );
  }
}

function seriesRefs(row: Row, report: Report): readonly number[] {
  const list = seriesOf(row);
  if (!list) report(`series row ${row['at']}`, 'the checksum does not fit');
  return list?.refs ?? [];
}

interface Known {
  readonly segments: ReadonlySet<number>;
  readonly columns: Map<number, number>;
}

function checkColumns(
  row: Row,
  { segments, known, columns }: Known & { known: Set<number> },
  report: Report,
): void {
  const place = `columns row ${row['at']}`;
  const { refs } = row;
  const segment = Number(row['segment']);
  if (!(refs instanceof Uint8Array) || !isIntactColumns(row, refs)) {
    report(place, 'the checksum does not fit');
    return;
  }
  if (!segments.has(segment)) report(place, `there is no segment ${segment}`);
  const before = columns.get(segment) ?? 0;
  if (row['first'] !== before) report(place, `it begins at column ${row['first']}, after ${before} columns`);
  columns.set(segment, before + refs.length / 4);
  const unknown = new Uint32Array(refs.slice().buffer).find((ref) => !known.has(ref) && ref !== 0);
  if (unknown !== undefined) report(place, `no row of series has the labels of ref ${unknown}`);
}

/** Gives the number of samples. */
function checkRecord(
  row: Row,
  { segments, sealed, columns }: Known & { sealed: ReadonlySet<number> },
  report: Report,
): number {
  const place = `wal row ${row['at']}`;
  const { data } = row;
  const [segment, timeMs, form] = [Number(row['segment']), Number(row['time']), Number(row['form'])];
  if (!(data instanceof Uint8Array) || !isIntactWal(row, data)) {
    report(place, 'the checksum does not fit');
    return 0;
  }
  // In a block by now: these rows are about to go.
  if (sealed.has(segment)) return 0;
  if (!segments.has(segment)) {
    report(place, `there is no segment ${segment}`);
    return 0;
  }
  const records = recordsOf(timeMs, form, data);
  if (!records) {
    report(place, 'it cannot be decoded');
    return 0;
  }
  let samples = 0;
  const most = columns.get(segment) ?? 0;
  for (const { content } of records) {
    const last = content.columns ? Math.max(-1, ...content.columns) : content.values.length - 1;
    if (last >= most) report(place, `it names column ${last} of ${most}`);
    for (const value of content.values) if (!isAbsent(value)) samples++;
  }
  return samples;
}
