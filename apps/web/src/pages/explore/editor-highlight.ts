/** A part of the query lifted out of the rest, such as the node of the explained tree that the pointer is on. */
import { type Extension, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView } from '@codemirror/view';

export const setHighlight = StateEffect.define<
  { readonly start: number; readonly end: number } | undefined
>();

const mark = Decoration.mark({ class: 'cm-explained' });

const field = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (before, transaction) => {
    const effect = transaction.effects.find((each) => each.is(setHighlight));
    if (!effect) return transaction.docChanged ? Decoration.none : before;
    const span = effect.value;
    return span ? Decoration.set(mark.range(span.start, span.end)) : Decoration.none;
  },
  provide: (self) => EditorView.decorations.from(self),
});

export function highlightExtension(): Extension {
  return field;
}
