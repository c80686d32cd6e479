import { type ParseArgsConfig, parseArgs } from 'node:util';

/** Something that the person at the command line can put right; shown as one line. */
export class UsageError extends Error {
  readonly exitCode: number;

  /** `exitCode`: 2 for a wrong call, 1 for a right call that cannot be carried out. */
  constructor(message: string, exitCode = 2) {
    super(message);
    this.name = 'UsageError';
    this.exitCode = exitCode;
  }
}

/** node:util parseArgs, strict, with its complaints as UsageErrors. */
export function parseCommand<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}; see watchroom --help`);
  }
}
