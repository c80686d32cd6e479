/** CodeMirror as the PromQL editor: completion and hover from our own API, errors while typing, colours from the tokens. */
import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, insertNewlineAndIndent } from '@codemirror/commands';
import { bracketMatching, HighlightStyle, syntaxHighlighting, syntaxTree } from '@codemirror/language';
import { type Extension, Prec } from '@codemirror/state';
import { EditorView, hoverTooltip, keymap, placeholder, type Tooltip } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { PromQLExtension } from '@prometheus-io/codemirror-promql';
import { highlightExtension } from './editor-highlight.ts';
import { fetchMetadata, type MetricMetadata } from './metadata.ts';

export interface EditorSetup {
  readonly label: string;
  readonly placeholder: string;
  readonly onRun: () => void;
  readonly onFormat: () => void;
  readonly onChange: (text: string) => void;
}

/** A series' colour as one to read: those are made for lines, on white some are too pale for letters. */
const ink = (n: number): string => `color-mix(in oklab, var(--series-${n}) 75%, var(--text-1))`;

const highlight = HighlightStyle.define([
  { tag: tags.keyword, color: ink(5) },
  { tag: tags.function(tags.variableName), color: ink(1) },
  { tag: tags.modifier, color: ink(5) },
  { tag: tags.labelName, color: ink(7) },
  { tag: tags.string, color: ink(2) },
  { tag: tags.number, color: ink(6) },
  { tag: tags.operator, color: 'var(--text-2)' },
  { tag: tags.comment, color: 'var(--text-3)', fontStyle: 'italic' },
  { tag: tags.invalid, color: 'var(--state-critical)' },
]);

const POPUP = {
  backgroundColor: 'var(--surface-3)',
  color: 'var(--text-1)',
  border: 'var(--stroke) solid var(--border)',
  borderRadius: 'var(--radius-2)',
  boxShadow: 'var(--shadow-2)',
  zIndex: 'var(--layer-popover)',
};

const theme = EditorView.theme({
  '&': {
    color: 'var(--text-1)',
    fontSize: 'var(--text-md)',
  },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '1.6', maxHeight: '14rem' },
  '.cm-content': { caretColor: 'var(--text-1)', padding: 'var(--space-3) 0', minHeight: '2.4rem' },
  '.cm-line': { padding: '0 var(--space-3)' },
  '.cm-cursor': { borderLeftColor: 'var(--text-1)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground, ::selection': {
    backgroundColor: 'color-mix(in oklab, var(--accent) 30%, transparent) !important',
  },
  '.cm-placeholder': { color: 'var(--text-3)' },
  '.cm-matchingBracket': {
    backgroundColor: 'var(--surface-2)',
    outline: 'var(--stroke) solid var(--border-strong)',
  },
  '.cm-explained': {
    borderRadius: 'var(--radius-1)',
    backgroundColor: 'color-mix(in oklab, var(--accent) 22%, transparent)',
  },
  '.cm-tooltip': POPUP,
  '.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--font-mono)', maxHeight: '18rem' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--accent)',
    color: 'var(--on-accent)',
  },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: 'var(--weight-bold)' },
  '.cm-completionDetail': { color: 'var(--text-3)', fontStyle: 'normal' },
  'li[aria-selected] .cm-completionDetail': { color: 'inherit' },
  '.cm-completionInfo': { padding: 'var(--space-3)', maxWidth: '24rem', fontFamily: 'var(--font-ui)' },
  '.cm-diagnostic': {
    fontFamily: 'var(--font-ui)',
    fontSize: 'var(--text-sm)',
    padding: 'var(--space-2) var(--space-3)',
  },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--state-critical)' },
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--state-critical)',
    textUnderlineOffset: '0.25em',
  },
});

/** The metric under the pointer: its type and help. */
const metricHover = hoverTooltip(async (view, at): Promise<Tooltip | null> => {
  const node = syntaxTree(view.state).resolveInner(at, -1);
  if (node.name !== 'Identifier') return null;
  const metric = view.state.sliceDoc(node.from, node.to);
  const found = await fetchMetadata(metric);
  if (!found) return null;
  return { pos: node.from, end: node.to, above: true, create: () => ({ dom: metadataBox(metric, found) }) };
});

function metadataBox(metric: string, { type, help }: MetricMetadata): HTMLElement {
  const box = document.createElement('div');
  box.className = 'cm-completionInfo';
  const title = box.appendChild(document.createElement('strong'));
  title.textContent = `${metric} (${type})`;
  const text = box.appendChild(document.createElement('div'));
  text.textContent = help;
  return box;
}

export function editorExtensions(setup: EditorSetup): Extension {
  const run = () => {
    setup.onRun();
    return true;
  };
  const format = () => {
    setup.onFormat();
    return true;
  };
  return [
    history(),
    closeBrackets(),
    bracketMatching(),
    autocompletion(),
    syntaxHighlighting(highlight),
    new PromQLExtension().setComplete({ remote: { url: '', httpMethod: 'GET' } }).asExtension(),
    metricHover,
    highlightExtension(),
    theme,
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ 'aria-label': setup.label, 'aria-multiline': 'true' }),
    placeholder(setup.placeholder),
    Prec.highest(
      keymap.of([
        { key: 'Shift-Enter', run },
        { key: 'Mod-Enter', run },
        { key: 'Alt-Shift-f', run: format },
      ]),
    ),
    keymap.of([
      ...closeBracketsKeymap,
      ...completionKeymap,
      { key: 'Enter', run: insertNewlineAndIndent },
      ...defaultKeymap,
      ...historyKeymap,
    ]),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) setup.onChange(update.state.doc.toString());
    }),
  ];
}
