import { defaultConfig } from '@watchroom/config';
import { bundleOf, faultsText, loadBundleFile } from '../load-bundle.ts';
import { parseCommand, UsageError } from './command.ts';

/** Prints the generated health rules, with the objectives and weights of a configuration if one is named. */
export async function healthRulesCommand(args: string[]): Promise<number> {
  const { values } = parseCommand({ args, options: { config: { type: 'string' } } });
  const { bundle, problems } =
    values.config === undefined
      ? bundleOf(defaultConfig({ host: '127.0.0.1', port: 8080 }))
      : loadBundleFile(values.config, process.env);
  if (!bundle) throw new UsageError(faultsText(problems), 1);
  if (bundle.healthRulesText === '') {
    throw new UsageError(
      'this configuration switches the built-in health rules off or names its own rules_file',
      1,
    );
  }
  process.stdout.write(bundle.healthRulesText);
  return 0;
}
