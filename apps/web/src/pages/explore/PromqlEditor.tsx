/** CodeMirror in React; a chunk of its own. The text is the editor's; a new `query` from outside replaces it. */
import { setDiagnostics } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { type Ref, useEffect, useImperativeHandle, useRef } from 'react';
import { setHighlight } from './editor-highlight.ts';
import { editorExtensions } from './editor-setup.ts';
import { markOf, type QueryFault } from './server-position.ts';

export interface EditorHandle {
  /** Puts a text where the cursor is. */
  readonly insert: (text: string) => void;
  readonly focus: () => void;
}

export interface PromqlEditorProps {
  readonly query: string;
  readonly label: string;
  readonly placeholder: string;
  readonly onChange: (text: string) => void;
  readonly onRun: () => void;
  readonly onFormat: () => void;
  /** Marked in the text. */
  readonly fault: QueryFault | undefined;
  /** Half-open range of offsets, lifted out of the rest. */
  readonly highlight?: { readonly start: number; readonly end: number } | undefined;
  readonly takesFocus: boolean;
  readonly ref?: Ref<EditorHandle>;
}

export function PromqlEditor(props: PromqlEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const { query, label, placeholder, fault, highlight } = props;
  useEffect(() => {
    const editor = new EditorView({
      parent: host.current!,
      state: EditorState.create({
        doc: latest.current.query,
        extensions: editorExtensions({
          label,
          placeholder,
          onRun: () => latest.current.onRun(),
          onFormat: () => latest.current.onFormat(),
          onChange: (text) => latest.current.onChange(text),
        }),
      }),
    });
    view.current = editor;
    if (latest.current.takesFocus) editor.focus();
    return () => {
      editor.destroy();
      view.current = undefined;
    };
  }, [label, placeholder]);
  useImperativeHandle(
    props.ref,
    () => ({
      insert: (text) => {
        const editor = view.current;
        if (!editor) return;
        editor.dispatch(editor.state.replaceSelection(text));
        editor.focus();
      },
      focus: () => view.current?.focus(),
    }),
    [],
  );
  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === query) return;
    editor.dispatch({
      changes: { from: 0, to: editor.state.doc.length, insert: query },
      selection: { anchor: query.length },
    });
  }, [query]);
  useEffect(() => {
    const editor = view.current;
    if (!editor || !fault) return;
    const { from, to } = markOf(editor.state.doc.toString(), fault);
    editor.dispatch(setDiagnostics(editor.state, [{ from, to, severity: 'error', message: fault.message }]));
  }, [fault]);
  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const end = Math.min(highlight?.end ?? 0, editor.state.doc.length);
    const start = Math.min(highlight?.start ?? 0, end);
    editor.dispatch({ effects: setHighlight.of(start < end ? { start, end } : undefined) });
  }, [highlight]);
  return <div ref={host} />;
}
