import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ChunkFile } from '../src/disk/chunk-file.ts';
import { ChunkWriter } from '../src/disk/chunk-writer.ts';
import { tempFolder } from './helpers.ts';

it('a new file takes nothing from the journal of one that is gone', () => {
  const path = join(tempFolder(), 'chunks-000001.db');
  const slices = [new Uint8Array(100)];
  const block = (segment: number) => ({
    segment,
    hash: 'h',
    text: '[]',
    minMs: 1,
    maxMs: 2,
    samples: 3,
    slices,
  });
  const first = new ChunkWriter(path);
  first.append(block(7));
  const journal = readFileSync(`${path}-wal`);
  expect(journal.length).toBeGreaterThan(0);
  first.close();
  rmSync(path);
  writeFileSync(`${path}-wal`, journal);
  const second = new ChunkWriter(path);
  second.append(block(8));
  second.close();
  const file = new ChunkFile(path, 1);
  expect(file.readBlocks().map((row) => row['segment'])).toEqual([8]);
  file.close();
});
