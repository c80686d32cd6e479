/** Label sets in messages, as Go prints them: `{__name__="up", job="a"}`. */
import type { Labels } from '@watchroom/model';
import { quote } from '../parser/go-strings.ts';

export function goLabels(labels: Labels): string {
  return `{${[...labels.pairs()].map(([name, value]) => `${name}=${quote(value)}`).join(', ')}}`;
}
