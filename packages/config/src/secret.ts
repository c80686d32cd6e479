import { inspect } from 'node:util';

/** What stands in place of a secret wherever one would be printed. */
export const REDACTED = '<secret>';

/** A text that never prints: string conversion, JSON and console all give `<secret>`. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The text itself, for the one place that sends it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
