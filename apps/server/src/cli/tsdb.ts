/** `watchroom tsdb …`: commands on a data folder. */
import { UsageError } from './command.ts';

/** Each loads only what it needs. */
const COMMANDS: Readonly<Record<string, (args: string[]) => Promise<number>>> = {
  analyze: async (args) => (await import('./tsdb-analyze.ts')).tsdbAnalyzeCommand(args),
  dump: async (args) => (await import('./tsdb-dump.ts')).tsdbDumpCommand(args),
  import: async (args) => (await import('./tsdb-import.ts')).tsdbImportCommand(args),
  verify: async (args) => (await import('./tsdb-verify.ts')).tsdbVerifyCommand(args),
};

export async function tsdbCommand([name, ...args]: string[]): Promise<number> {
  const command = name === undefined ? undefined : COMMANDS[name];
  if (command) return await command(args);
  const given = name === undefined ? 'name a command' : `there is no command "tsdb ${name}"`;
  throw new UsageError(
    `${given}; commands: ${Object.keys(COMMANDS)
      .map((known) => `tsdb ${known}`)
      .join(', ')}`,
  );
}
