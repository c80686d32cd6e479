import { type Node, visit } from 'yaml';
import type { Source } from './place.ts';
import type { WatchroomConfig } from './types.ts';

/** The configuration as YAML, comments left out, secrets as `<secret>`; what /api/v1/status/config shows. */
export function printConfig(config: WatchroomConfig): string {
  return config.redactedYaml;
}

/** The document's YAML with every secret that was read replaced. Comments go: they may hold anything. */
export function redactedText(source: Source): string {
  const { document, redactions } = source;
  if (document.contents === null) return '';
  const originals: unknown[] = [];
  visit(document, { Scalar: (_, node) => void originals.push(node) });
  const copy = document.clone();
  copy.comment = null;
  copy.commentBefore = null;
  let at = 0;
  visit(copy, {
    Node: (_, node) => {
      node.comment = null;
      if ('commentBefore' in node) node.commentBefore = null;
      if ('value' in node) {
        const text = redactions.get(originals[at++] as Node);
        if (text === undefined) return;
        node.value = text;
        node.type = 'PLAIN';
      }
    },
  });
  return copy.toString({ lineWidth: 0 });
}
