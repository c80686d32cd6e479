/** watchroom's command line. Only this file reads the process' arguments and environment. */
import { UsageError } from './cli/command.ts';
import { HELP } from './cli/help.ts';
import { VERSION } from './version.ts';

/** Each command loads only what it needs. */
const COMMANDS: Readonly<Record<string, (args: string[]) => Promise<number>>> = {
  serve: async (args) => (await import('./cli/serve.ts')).serveCommand(args),
  'check-config': async (args) => (await import('./cli/check-config.ts')).checkConfigCommand(args),
  'health-rules': async (args) => (await import('./cli/health-rules.ts')).healthRulesCommand(args),
  'check-rules': async (args) => (await import('./cli/check-rules.ts')).checkRulesCommand(args),
  'test-rules': async (args) => (await import('./cli/test-rules.ts')).testRulesCommand(args),
  backup: async (args) => (await import('./cli/backup.ts')).backupCommand(args),
  restore: async (args) => (await import('./cli/restore.ts')).restoreCommand(args),
  tsdb: async (args) => (await import('./cli/tsdb.ts')).tsdbCommand(args),
  'test-promql': async (args) => (await import('./cli/test-promql.ts')).testPromqlCommand(args),
};

async function main(args: string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === '--version' || name === '-v' || name === 'version') {
    console.log(`watchroom ${VERSION}`);
    return 0;
  }
  if (
    name === undefined ||
    name === '--help' ||
    name === '-h' ||
    name === 'help' ||
    rest.includes('--help')
  ) {
    console.log(HELP);
    return name === undefined ? 2 : 0;
  }
  const command = COMMANDS[name];
  if (!command)
    throw new UsageError(`there is no command "${name}"; commands: ${Object.keys(COMMANDS).join(', ')}`);
  return command(rest);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`watchroom: ${error.message}`);
  process.exitCode = error.exitCode;
}
