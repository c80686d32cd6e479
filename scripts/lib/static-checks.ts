import { checkDocs } from '../checks/docs.ts';
import { checkImports } from '../checks/imports.ts';
import { checkSizes } from '../checks/sizes.ts';
import { runTask, tool } from './task.ts';
import type { Verdicts } from './verdicts.ts';

/** Types, lint, sizes, imports, documents. */
export async function runStaticChecks(verdicts: Verdicts): Promise<void> {
  const types = await runTask(tool('tsc'), ['-b']);
  verdicts.check('types', types.code === 0 ? [] : lines(types.output));
  const lint = await runTask(tool('biome'), ['check', '--error-on-warnings', '.']);
  verdicts.check('lint and format', lint.code === 0 ? [] : lines(lint.output));
  verdicts.check('sizes', checkSizes());
  verdicts.check('imports', checkImports());
  verdicts.check('documents', checkDocs());
}

function lines(text: string): string[] {
  return text.trim().split('\n').slice(0, 200);
}
