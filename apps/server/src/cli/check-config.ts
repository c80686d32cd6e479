import { globSync, readFileSync } from 'node:fs';
import { addressFault, parseTargetGroups } from '@watchroom/config';
import { type ConfigBundle, loadBundleFile } from '../load-bundle.ts';
import { parseCommand, UsageError } from './command.ts';

/** Loads a configuration with its rule and target files and prints every fault; exit code 1 when there is one. */
export async function checkConfigCommand(args: string[]): Promise<number> {
  const { positionals } = parseCommand({ args, allowPositionals: true, options: {} });
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0)
    throw new UsageError('name one file: watchroom check-config FILE');
  const { bundle, problems, warnings } = loadBundleFile(file, process.env);
  const targetFaults = bundle ? checkTargetFiles(bundle) : [];
  for (const warning of warnings) console.log(`warning: ${warning}`);
  for (const fault of [...problems, ...targetFaults]) console.error(fault);
  if (!bundle || targetFaults.length > 0) return 1;
  const jobs = bundle.config.scrapeConfigs.length;
  const rules = bundle.groups.reduce((sum, group) => sum + group.rules.length, 0);
  console.log(
    `${file} is sound: ${jobs} scrape configs, ${bundle.groups.length} rule groups with ${rules} rules`,
  );
  return 0;
}

/** Faults of the target files that are there now; a pattern without files is fine, they may come later. */
function checkTargetFiles({ config }: ConfigBundle): string[] {
  const patterns = config.scrapeConfigs.flatMap((job) =>
    job.fileSdConfigs.flatMap((discovery) => discovery.files),
  );
  const files = new Set(patterns.flatMap((pattern) => globSync(pattern)));
  return [...files].flatMap((file) => targetFileFaults(file));
}

function targetFileFaults(file: string): string[] {
  const format = file.toLowerCase().endsWith('.json') ? 'json' : 'yaml';
  const { groups, fault } = parseTargetGroups(readFileSync(file, 'utf8'), format, file);
  if (!groups) return [`${file}:1:1: ${fault}`];
  const faults = groups.flatMap((group) => group.targets.map(addressFault));
  return faults.filter((found) => found !== undefined).map((found) => `${file}:1:1: ${found}`);
}
