/** The words after `main.ts`, read into a command. Bad words are one sentence, never a stack. */
import { parseArgs } from 'node:util';

export const HELP = `demo-fleet: a shop of services with real Prometheus metrics and a scripted incident

  serve [--port-base 9400] [--host 127.0.0.1] [--seed 11] [--instances-scale 1] [--services N] [--step 1] [--timestamps]
      control server on the base port, one instance on each port after it (0: ports that are free);
      --services N makes N services in all (1 to 200): plain ones below 12, the shop and plain ones from 12 on
      --step N lets values change every N seconds only, by N seconds at once; --timestamps writes the time of that
      change behind each sample, so that all who scrape store the same samples
  incident start [--name double11] [--speed 10] [--seed N] [--url http://127.0.0.1:9400]
  incident stop [--url URL]
  status [--url URL]
  --help

Scenario: double11, 30 minutes at speed 1; speeds 1 to 60.`;

export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly message: string }
  | {
      readonly kind: 'serve';
      readonly portBase: number;
      readonly host: string;
      readonly seed: number;
      readonly instancesScale: number;
      readonly services: number | undefined;
      readonly stepS: number;
      readonly timestamps: boolean;
    }
  | {
      readonly kind: 'ask';
      readonly method: 'GET' | 'POST' | 'DELETE';
      readonly url: string;
      readonly body?: unknown;
    };

const OPTIONS = {
  'port-base': { type: 'string', default: '9400' },
  host: { type: 'string', default: '127.0.0.1' },
  seed: { type: 'string' },
  'instances-scale': { type: 'string', default: '1' },
  services: { type: 'string' },
  step: { type: 'string', default: '1' },
  timestamps: { type: 'boolean', default: false },
  name: { type: 'string', default: 'double11' },
  speed: { type: 'string', default: '10' },
  url: { type: 'string', default: 'http://127.0.0.1:9400' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

type Values = ReturnType<typeof parse>['values'];

class Wrong extends Error {}

function parse(words: readonly string[]) {
  return parseArgs({ args: [...words], options: OPTIONS, allowPositionals: true, strict: true });
}

export function parseCommand(words: readonly string[]): Command {
  try {
    const { values, positionals } = parse(words);
    return values.help ? { kind: 'help' } : commandOf(positionals.join(' '), values);
  } catch (error) {
    return { kind: 'wrong', message: error instanceof Error ? error.message : String(error) };
  }
}

function commandOf(verb: string, values: Values): Command {
  const url = values.url.replace(/\/+$/, '');
  if (!URL.canParse(url))
    throw new Wrong(`--url must be an address such as http://127.0.0.1:9400, got ${url}`);
  const seed = values.seed === undefined ? undefined : numberOf('seed', values.seed, 0, 2 ** 32, true);
  switch (verb) {
    case 'serve':
      return {
        kind: 'serve',
        portBase: numberOf('port-base', values['port-base'], 0, 65_000, true),
        host: values.host,
        seed: seed ?? 11,
        instancesScale: numberOf('instances-scale', values['instances-scale'], 0.1, 10, false),
        services:
          values.services === undefined ? undefined : numberOf('services', values.services, 1, 200, true),
        stepS: numberOf('step', values.step, 1, 60, true),
        timestamps: values.timestamps,
      };
    case 'incident start': {
      const speed = numberOf('speed', values.speed, 1, 60, false);
      return {
        kind: 'ask',
        method: 'POST',
        url: `${url}/incident`,
        body: { name: values.name, speed, seed },
      };
    }
    case 'incident stop':
      return { kind: 'ask', method: 'DELETE', url: `${url}/incident` };
    case 'status':
      return { kind: 'ask', method: 'GET', url: `${url}/status` };
    default:
      throw new Wrong(
        verb === '' ? 'a command is missing; see --help' : `unknown command "${verb}"; see --help`,
      );
  }
}

function numberOf(option: string, text: string, least: number, most: number, whole: boolean): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= least && value <= most) || (whole && !Number.isInteger(value)))
    throw new Wrong(
      `--${option} must be a ${whole ? 'whole ' : ''}number from ${least} to ${most}, got "${text}"`,
    );
  return value;
}
