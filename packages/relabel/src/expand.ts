/**
 * Go's regexp Expand: `$name` and `${name}` become the group's text, `$$` a dollar sign.
 *   template = { text | "$$" | "$" name | "${" name "}" } ;  name = { letter | digit | "_" }+
 * `$1x` is the group named `1x` (the longest name), a group that is not there or took no part is empty, and a `$` that starts
 * none of these is text. Source: https://pkg.go.dev/regexp#Regexp.Expand
 */
type Part = string | { readonly index: number } | { readonly name: string };

/** A template cut into its parts once, to be filled many times. */
export class Template {
  readonly source: string;
  readonly #parts: readonly Part[];

  constructor(source: string) {
    this.source = source;
    this.#parts = parse(source);
  }

  /** Whether no part refers to a group. */
  get isPlain(): boolean {
    return this.#parts.every((part) => typeof part === 'string');
  }

  fill(match: { groups: readonly string[]; named: Readonly<Record<string, number>> }): string {
    let text = '';
    for (const part of this.#parts) {
      if (typeof part === 'string') text += part;
      else text += match.groups['index' in part ? part.index : (match.named[part.name] ?? -1)] ?? '';
    }
    return text;
  }
}

const REFERENCE = /\$(?:\$|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu;
/** Go gives up on numbers from 10^8 and on leading zeros: they are names then. */
const INDEX = /^(?:0|[1-9]\d{0,8})$/;

function parse(source: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const match of source.matchAll(REFERENCE)) {
    if (match.index > from) parts.push(source.slice(from, match.index));
    const name = match[1] ?? match[2];
    if (name === undefined) parts.push('$');
    else parts.push(INDEX.test(name) ? { index: Number(name) } : { name });
    from = match.index + match[0].length;
  }
  if (from < source.length) parts.push(source.slice(from));
  return parts;
}
