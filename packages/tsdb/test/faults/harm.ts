/** What can become of a data folder at a boundary. Each harm says which losses are allowed. */
import { apply, type FileWrite, type Image, writesBetween } from './image.ts';
import type { Boundary } from './recording.ts';

/** In which the samples that may be missing lie. */
export type Allowed =
  /** Commits that were not answered yet. */
  | { readonly kind: 'unanswered' }
  /** Commits that were not flushed yet. */
  | { readonly kind: 'unflushed' }
  /** What the file holds, and what was not answered. */
  | { readonly kind: 'file'; readonly name: string };

export interface Harm {
  readonly kind: HarmKind;
  /** For people: what was done where. */
  readonly text: string;
  readonly image: Image;
  readonly allowed: Allowed;
}

export type HarmKind = 'torn write' | 'power loss' | 'bit flip' | 'zeroed page' | 'cut file' | 'missing file';

export const HARM_KINDS: readonly HarmKind[] = [
  'torn write',
  'power loss',
  'bit flip',
  'zeroed page',
  'cut file',
  'missing file',
];

const SECTORS = [512, 4_096];

export class Harmer {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  harm(kind: HarmKind, boundary: Boundary): Harm {
    switch (kind) {
      case 'torn write':
        return this.#torn(boundary);
      case 'power loss':
        return this.#power(boundary);
      default:
        return this.#damage(kind, boundary);
    }
  }

  /** A kill: all writes up to one, and a part of that. */
  #torn({ before, after }: Boundary): Harm {
    const writes = writesBetween(before, after);
    const at = this.#below(writes.length + 1);
    const whole = writes.slice(0, at);
    const next = writes[at];
    const part = next && this.#part(next);
    const image = apply(before, part ? [...whole, part] : whole);
    const text = `${at} of ${writes.length} writes${part ? ` and ${part.data.length} bytes for ${part.name}` : ''}`;
    return { kind: 'torn write', text, image, allowed: { kind: 'unanswered' } };
  }

  #part(write: FileWrite): Extract<FileWrite, { kind: 'bytes' }> | undefined {
    // 64 bytes within one sector are written whole or not at all.
    if (write.kind !== 'bytes' || write.name === 'heartbeat') return undefined;
    const unit = this.#pick([1, ...SECTORS]);
    const bytes = Math.floor((this.#random() * write.data.length) / unit) * unit;
    return bytes === 0 ? undefined : { ...write, data: write.data.subarray(0, bytes) };
  }

  /** Of what was written since the last flush, some sectors are on the disk. */
  #power({ before, after, durable }: Boundary): Harm {
    const image = new Map(durable);
    const sector = this.#pick(SECTORS);
    const share = this.#pick([0, 0.5, 0.9, 1]);
    const touched: string[] = [];
    for (const [name, now] of after) {
      const then = durable.get(name);
      if (then === now) continue;
      touched.push(name);
      if (!then) image.set(name, now);
      else if (name === 'heartbeat') image.set(name, this.#random() < share ? now : then);
      else if (name.endsWith('.db')) {
        // A journal is flushed before its pages go to the database, and cut after that is flushed.
        image.set(name, this.#mixed(then, now, sector, share));
        const journal = `${name}-wal`;
        const [was, is] = [before.get(journal), after.get(journal)];
        if (share === 1 && is && this.#random() < 0.5) image.set(journal, is);
        else if (was) image.set(journal, was);
      } else if (after.get(name.slice(0, -4)) === durable.get(name.slice(0, -4)))
        image.set(name, this.#mixed(then, now, sector, share));
    }
    const text = `sectors of ${sector}, ${share} of what was not flushed in ${touched.join(', ') || 'nothing'}`;
    return { kind: 'power loss', text, image, allowed: { kind: 'unflushed' } };
  }

  #mixed(then: Buffer, now: Buffer, sector: number, share: number): Buffer {
    const bytes = this.#random() < 0.5 ? now.length : then.length;
    const mixed = Buffer.alloc(bytes);
    then.copy(mixed);
    for (let at = 0; at < bytes; at += sector)
      if (this.#random() < share) now.copy(mixed, at, at, Math.min(at + sector, bytes));
    return mixed;
  }

  #damage(kind: Exclude<HarmKind, 'torn write' | 'power loss'>, { after }: Boundary): Harm {
    // The head, the newest chunk file and the small files as often as all the others together.
    const names = [...after.keys()].filter((name) => kind === 'missing file' || after.get(name)!.length > 0);
    const hot = names
      .filter((name) => !name.startsWith('chunks'))
      .concat(names.filter((name) => name.startsWith('chunks')).slice(-3));
    const name = this.#pick(this.#random() < 0.6 ? hot : names);
    const image = new Map(after);
    const bytes = Buffer.from(after.get(name)!);
    let text = name;
    switch (kind) {
      case 'bit flip': {
        // Headers and the first pages say more than one of many rows.
        const span = this.#random() < 0.2 ? Math.min(bytes.length, 200) : bytes.length;
        const bit = this.#below(span * 8);
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        text += ` bit ${bit & 7} of byte ${bit >> 3}`;
        image.set(name, bytes);
        break;
      }
      case 'zeroed page': {
        const page = this.#pick([512, 4_096, 8_192]);
        const at = this.#below(Math.ceil(bytes.length / page)) * page;
        bytes.fill(0, at, Math.min(at + page, bytes.length));
        text += ` bytes ${at} to ${at + page}`;
        image.set(name, bytes);
        break;
      }
      case 'cut file': {
        const unit = this.#pick([1, ...SECTORS]);
        const length = Math.floor((this.#random() * bytes.length) / unit) * unit;
        text += ` at ${length} of ${bytes.length}`;
        image.set(name, bytes.subarray(0, length));
        break;
      }
      case 'missing file':
        image.delete(name);
    }
    return { kind, text, image, allowed: { kind: 'file', name } };
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#below(list.length)]!;
  }
}
