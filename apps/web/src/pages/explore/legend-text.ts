/** A legend template: `{{label}}` is the label's value, as in other dashboards. */
import type { Labels } from '../../api/index.ts';

const PLACE = /\{\{\s*([\w.:]+)\s*\}\}/g;

export function legendText(template: string, labels: Labels): string {
  return template.replace(PLACE, (_, name: string) => labels[name] ?? '');
}

/** The same name twice gets a number, so that each series is one of its own. */
export function uniqueNames(names: readonly string[]): readonly string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const n = (seen.get(name) ?? 0) + 1;
    seen.set(name, n);
    return n === 1 ? name : `${name} (${n})`;
  });
}
