/** Which series of a chart are drawn: all, all but some, or only some. A few names say it, however many series there are. */
export interface Selection {
  readonly kind: 'hide' | 'only';
  readonly names: ReadonlySet<string>;
}

export const EVERYTHING: Selection = { kind: 'hide', names: new Set() };

export function isDrawn({ kind, names }: Selection, name: string): boolean {
  return names.has(name) === (kind === 'only');
}

/** Only this one; everything again when it is the only one already. */
export function isolated(selection: Selection, name: string): Selection {
  const alone = selection.kind === 'only' && selection.names.size === 1 && selection.names.has(name);
  return alone ? EVERYTHING : { kind: 'only', names: new Set([name]) };
}

/** One more or one less. Nothing left, or nothing hidden, is everything. */
export function switched(selection: Selection, name: string): Selection {
  const names = new Set(selection.names);
  if (!names.delete(name)) names.add(name);
  return names.size === 0 ? EVERYTHING : { kind: selection.kind, names };
}
