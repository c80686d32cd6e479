import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { testPromqlCommand } from '../src/cli/test-promql.ts';

describe('watchroom test-promql', () => {
  const folder = mkdtempSync(join(tmpdir(), 'test-promql-'));
  let printed: string[] = [];
  beforeEach(() => {
    printed = [];
    for (const stream of ['log', 'error'] as const) {
      vi.spyOn(console, stream).mockImplementation((line: string) => void printed.push(line));
    }
  });
  afterEach(() => vi.restoreAllMocks());

  function script(name: string, text: string): string {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  }

  test('exit codes: 0 all passed, 1 a difference, 2 a line that is not of the language', async () => {
    const good = script('good.test', 'load 1m\n  a 1\n\neval instant at 0 a\n  a 1\n');
    const wrong = script(
      'wrong.test',
      'load 1m\n  a 1\n\neval instant at 0 a\n  a 2\n\neval instant at 0 b\n',
    );
    const broken = script('broken.test', 'load 1m\n  a 1\n\neval instant at 0 a +\n');
    expect(await testPromqlCommand([good])).toBe(0);
    expect(await testPromqlCommand([good, wrong])).toBe(1);
    expect(await testPromqlCommand([broken])).toBe(2);
    expect(printed).toEqual([
      `${good}: 1 eval statements, 1 run, 1 passed, 0 failed`,
      '1 files: 1 eval statements, 1 run, 1 passed, 0 failed',
      `${good}: 1 eval statements, 1 run, 1 passed, 0 failed`,
      `${wrong}: 2 eval statements, 2 run, 1 passed, 1 failed`,
      `  ${wrong}:4: a: a: expected 2, got 1`,
      '2 files: 3 eval statements, 3 run, 2 passed, 1 failed',
      `${broken}: 1 eval statements, 0 run, 0 passed, 0 failed`,
      `${broken}:4: 1:4: parse error: unexpected end of input`,
      '1 files: 1 eval statements, 0 run, 0 passed, 0 failed',
    ]);
  });

  test('without a file, or with one that is not there', async () => {
    await expect(testPromqlCommand([])).rejects.toMatchObject({ exitCode: 2 });
    await expect(testPromqlCommand([join(folder, 'none.test')])).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining('none.test'),
    });
  });
});
