import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Labels } from '@watchroom/model';
import { corpusFolder } from '@watchroom/testkit';
import { expect, it } from 'vitest';
import { type RelabelAction, relabel, relabelFault, relabelRule } from '../src/index.ts';

interface Case {
  readonly input: Record<string, string>;
  readonly relabel_configs: readonly {
    readonly source_labels?: readonly string[];
    readonly regex?: string;
    readonly target_label?: string;
    readonly separator?: string;
    readonly replacement?: string;
    readonly modulus?: number;
    readonly action?: RelabelAction;
  }[];
  readonly drop: boolean;
  readonly output: Record<string, string> | null;
}

it('gives what the corpus gives', () => {
  const folder = corpusFolder('relabel');
  if (folder === undefined) return;
  const cases: readonly Case[] = JSON.parse(readFileSync(join(folder, 'relabel.json'), 'utf8'));
  for (const entry of cases) {
    const rules = entry.relabel_configs.map((raw) =>
      relabelRule({
        ...raw,
        sourceLabels: raw.source_labels,
        targetLabel: raw.target_label,
      }),
    );
    for (const rule of rules) expect(relabelFault(rule)).toBeUndefined();
    const got = relabel(Labels.fromObject(entry.input), rules);
    expect(got?.toObject()).toEqual(entry.drop ? undefined : entry.output);
  }
  console.log(`relabel corpus: ${cases.length} passed of ${cases.length}`);
});
