/**
 * One object for equal texts, and for equal lists of label names: a hundred thousand series have a few hundred names and values
 * among them. What is known is forgotten when it is much; the labels that have it keep it, later ones share with later ones.
 */
const MOST_TEXTS = 65_536;
const MOST_LISTS = 4_096;

const texts = new Map<string, string>();
const lists = new Map<string, readonly string[]>();

export function internedText(text: string): string {
  const known = texts.get(text);
  if (known !== undefined) return known;
  if (texts.size >= MOST_TEXTS) texts.clear();
  texts.set(text, text);
  return text;
}

/** A list with the same names; it must not be changed any more. */
export function internedNames(names: readonly string[]): readonly string[] {
  const key = names.join('\0');
  const known = lists.get(key);
  // Names with the separator in them could be taken for others.
  if (known !== undefined && known.length === names.length) return known;
  const list = names.map(internedText);
  if (lists.size >= MOST_LISTS) lists.clear();
  if (!names.some((name) => name.includes('\0'))) lists.set(key, list);
  return list;
}
