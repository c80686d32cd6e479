/**
 * CPU per point of a range answer: pieces of bytes against one string, on values of three kinds. Both texts are compared
 * first. Usage: node apps/server/bench/answers.ts [--points=1000] [--series=300]
 */
import { ByteWriter, jsonValue } from '../src/http/prometheus/byte-writer.ts';

const option = (name: string, fallback: number): number =>
  Number(process.argv.find((arg) => arg.startsWith(`--${name}=`))?.split('=')[1] ?? fallback);

const points = option('points', 1000);
const series = option('series', 300);
const ROUNDS = 15;
const times = Float64Array.from({ length: points }, (_, i) => 1_780_000_000_000 + i * 15_000);

const KINDS: Readonly<Record<string, () => number>> = {
  'counters (whole)': () => Math.floor(Math.random() * 1e9),
  'gauges (decimals)': () => Math.round(Math.random() * 1e5) / 1000,
  'rates (16-17 digits)': () => Math.random() * 100,
};

function inPieces(columns: readonly Float64Array[]): Buffer[] {
  const writer = new ByteWriter();
  const pieces: Buffer[] = [];
  for (const values of columns) {
    writer.text('{"metric":{},"values":[');
    for (let i = 0; i < points; ) i = writer.points(times, values, i);
    writer.text(']},');
    while (writer.hasPiece) pieces.push(writer.take());
  }
  pieces.push(writer.rest());
  return pieces;
}

function asOneString(columns: readonly Float64Array[]): Buffer[] {
  let text = '';
  for (const values of columns) {
    text += '{"metric":{},"values":[';
    for (let i = 0; i < points; i++)
      text += `${i === 0 ? '' : ','}[${times[i]! / 1000},"${jsonValue(values[i]!)}"]`;
    text += ']},';
  }
  return [Buffer.from(text)];
}

/** The least of several rounds, ns per point: others use this machine too. */
function cost(write: (columns: readonly Float64Array[]) => Buffer[], make: () => number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const columns = Array.from({ length: series }, () => Float64Array.from({ length: points }, make));
    const before = process.cpuUsage();
    write(columns);
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, ((user + system) * 1000) / (points * series));
  }
  return best;
}

for (const [kind, make] of Object.entries(KINDS)) {
  const sample = [Float64Array.from({ length: points }, make)];
  if (!Buffer.concat(inPieces(sample)).equals(Buffer.concat(asOneString(sample))))
    throw new Error(`${kind}: the answers differ`);
  const pieces = cost(inPieces, make);
  const string = cost(asOneString, make);
  console.log(
    `${kind.padEnd(24)} pieces ${pieces.toFixed(1)} ns/point, string ${string.toFixed(1)} ns/point`,
  );
}
