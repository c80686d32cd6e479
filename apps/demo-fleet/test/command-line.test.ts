import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { parseCommand } from '../src/command-line.ts';
import { prefersOpenMetrics } from '../src/exposition.ts';

const MAIN = new URL('../src/main.ts', import.meta.url).pathname;

describe('parseCommand', () => {
  it('reads serve with its defaults', () => {
    expect(parseCommand(['serve'])).toEqual({
      kind: 'serve',
      portBase: 9400,
      host: '127.0.0.1',
      seed: 11,
      instancesScale: 1,
      services: undefined,
      stepS: 1,
      timestamps: false,
    });
  });

  it('reads the questions to a running fleet', () => {
    expect(parseCommand(['incident', 'start', '--speed', '20', '--url', 'http://127.0.0.1:7000/'])).toEqual({
      kind: 'ask',
      method: 'POST',
      url: 'http://127.0.0.1:7000/incident',
      body: { name: 'double11', speed: 20, seed: undefined },
    });
    expect(parseCommand(['incident', 'stop'])).toMatchObject({ method: 'DELETE' });
    expect(parseCommand(['status'])).toMatchObject({ method: 'GET', url: 'http://127.0.0.1:9400/status' });
    expect(parseCommand(['-h'])).toEqual({ kind: 'help' });
  });

  it.each([
    [[], 'a command is missing'],
    [['fly'], 'unknown command "fly"'],
    [['serve', '--port-base', 'x'], '--port-base must be a whole number from 0 to 65000, got "x"'],
    [['serve', '--services', '201'], '--services must be a whole number from 1 to 200, got "201"'],
    [['incident', 'start', '--speed', '0'], '--speed must be a number from 1 to 60, got "0"'],
    [['serve', '--wings', '2'], "Unknown option '--wings'"],
    [['status', '--url', 'nowhere'], '--url must be an address'],
  ])('explains %j', (words, message) => {
    const command = parseCommand(words);
    expect(command).toMatchObject({ kind: 'wrong' });
    expect(command.kind === 'wrong' && command.message).toContain(message);
  });
});

describe('prefersOpenMetrics', () => {
  it.each([
    [undefined, false],
    ['*/*', false],
    ['text/plain', false],
    ['application/openmetrics-text; version=1.0.0', true],
    ['application/openmetrics-text;version=2.0.0', false],
    ['application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.7', false],
    ['application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.7,*/*;q=0.1', true],
  ])('reads Accept %s as %s', (accept, expected) => {
    expect(prefersOpenMetrics(accept)).toBe(expected);
  });
});

describe('the process', () => {
  it('exits 1 with one line when its port is taken', async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
    const address = blocker.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const child = spawn(process.execPath, [MAIN, 'serve', '--port-base', String(port)]);
    let errors = '';
    child.stderr.on('data', (text) => {
      errors += text;
    });
    const [code] = await once(child, 'close');
    expect(code).toBe(1);
    expect(errors.trim().split('\n')).toEqual([expect.stringContaining(`port 127.0.0.1:${port} is taken`)]);
    await new Promise((resolve) => blocker.close(resolve));
  });

  it('serves until SIGTERM, then exits 0', async () => {
    const child = spawn(process.execPath, [MAIN, 'serve', '--port-base', '0', '--services', '2']);
    const [line] = await once(child.stdout, 'data');
    const url = /discovery at (\S+)\/sd/.exec(String(line))?.[1];
    expect(String(line)).toContain('2 services, 2 instances');
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    child.kill('SIGTERM');
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
  });

  it('exits 1 with one line when no fleet answers', async () => {
    const child = spawn(process.execPath, [MAIN, 'status', '--url', 'http://127.0.0.1:1']);
    let errors = '';
    child.stderr.on('data', (text) => {
      errors += text;
    });
    const [code] = await once(child, 'close');
    expect(code).toBe(1);
    expect(errors.trim()).toContain('no fleet answers at http://127.0.0.1:1');
  });
});
