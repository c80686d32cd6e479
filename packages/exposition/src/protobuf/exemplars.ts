/** Exemplars of protobuf bodies, and their order. */
import { Labels } from '@watchroom/model';
import { decode } from '../unescape.ts';
import type { Place } from './metric.ts';
import type { Wire } from './wire.ts';

export interface Exemplar {
  readonly labels: Labels;
  readonly value: number;
  readonly timeMs: number | undefined;
}

/** Reads an exemplar; the wire is left at its end. Undefined with a fault of the wire. */
export function readExemplar(wire: Wire, { from, to }: Place): Exemplar | undefined {
  wire.seek(from, to);
  const pairs: [string, string][] = [];
  let value = 0;
  let timeMs: number | undefined;
  while (wire.next()) {
    if (wire.field === 1) pairs.push(readLabel(wire));
    else if (wire.field === 2) value = wire.double();
    else if (wire.field === 3) timeMs = readTime(wire);
    else wire.skip();
  }
  return wire.fault === '' ? { labels: Labels.fromPairs(pairs), value, timeMs } : undefined;
}

/** By time, then value, then labels, as Prometheus hands those of one histogram to its store. */
export function compareExemplars(a: Exemplar, b: Exemplar): number {
  return (a.timeMs ?? 0) - (b.timeMs ?? 0) || a.value - b.value || a.labels.compare(b.labels);
}

function readLabel(wire: Wire): [string, string] {
  const outer = wire.enter();
  let name = '';
  let value = '';
  while (wire.next()) {
    if (wire.field === 1) name = text(wire);
    else if (wire.field === 2) value = text(wire);
    else wire.skip();
  }
  wire.leave(outer);
  return [name, value];
}

function text(wire: Wire): string {
  const from = wire.span();
  return decode(wire.bytes, from, wire.pos);
}

/** A google.protobuf.Timestamp in whole ms. */
function readTime(wire: Wire): number {
  const outer = wire.enter();
  let seconds = 0;
  let nanos = 0;
  while (wire.next()) {
    if (wire.field === 1) seconds = wire.int();
    else if (wire.field === 2) nanos = wire.int();
    else wire.skip();
  }
  wire.leave(outer);
  return seconds * 1000 + Math.trunc(nanos / 1e6);
}
