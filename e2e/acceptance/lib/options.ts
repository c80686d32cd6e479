/** Options of the measuring scripts: `--help` prints the text, numbers are checked. */
import { createServer } from 'node:net';
import { parseArgs } from 'node:util';
import { freePort } from '../../fixtures/free-port.ts';

function isFree(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const probe = createServer();
    probe.once('error', () => answer(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => answer(true)));
  });
}

export class Options {
  readonly #values: Readonly<Record<string, string | boolean | undefined>>;

  private constructor(values: Readonly<Record<string, string | boolean | undefined>>) {
    this.#values = values;
  }

  /** `defaults` name the options and what they are when absent. */
  static read(help: string, defaults: Readonly<Record<string, string>>): Options {
    const options = Object.fromEntries(
      Object.entries(defaults).map(([name, value]) => [name, { type: 'string' as const, default: value }]),
    );
    try {
      const { values } = parseArgs({ options: { ...options, help: { type: 'boolean', default: false } } });
      if (values['help'] === true) {
        console.log(help.trim());
        process.exit(0);
      }
      return new Options(values);
    } catch (error) {
      console.error(`${(error as Error).message.split('. ')[0]}\n${help.trim()}`);
      process.exit(2);
    }
  }

  text(name: string): string {
    return String(this.#values[name] ?? '');
  }

  number(name: string): number {
    const value = Number(this.text(name));
    if (this.text(name).trim() !== '' && Number.isFinite(value)) return value;
    console.error(`--${name} must be a number, got "${this.text(name)}"`);
    return process.exit(2);
  }

  /** A port that nobody listens on; 0 takes any free one. */
  async port(name: string): Promise<number> {
    const port = this.number(name);
    if (port === 0) return freePort();
    if (await isFree(port)) return port;
    console.error(`--${name} ${port} is taken by another program`);
    return process.exit(2);
  }
}
