/** CodeMirror in React; a chunk of its own. The text is the editor's; a new `query` from outside replaces it. */
import { setDiagnostics } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { editorExtensions } from './editor-setup.ts';
import type { QueryFault } from './server-position.ts';

export interface PromqlEditorProps {
  readonly query: string;
  readonly label: string;
  readonly placeholder: string;
  readonly onChange: (text: string) => void;
  readonly onRun: () => void;
  /** Marked in the text. */
  readonly fault: QueryFault | undefined;
}

export function PromqlEditor(props: PromqlEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const { query, label, placeholder, fault } = props;
  useEffect(() => {
    const editor = new EditorView({
      parent: host.current!,
      state: EditorState.create({
        doc: latest.current.query,
        extensions: editorExtensions({
          label,
          placeholder,
          onRun: () => latest.current.onRun(),
          onChange: (text) => latest.current.onChange(text),
        }),
      }),
    });
    view.current = editor;
    editor.focus();
    return () => {
      editor.destroy();
      view.current = undefined;
    };
  }, [label, placeholder]);
  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === query) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: query } });
  }, [query]);
  useEffect(() => {
    const editor = view.current;
    if (!editor || !fault) return;
    const { doc } = editor.state;
    const line = doc.line(Math.min(Math.max(1, fault.line), doc.lines));
    const from = Math.min(line.to, line.from + fault.column - 1);
    const to = Math.min(line.to, from + 1);
    editor.dispatch(
      setDiagnostics(editor.state, [
        { from: Math.min(from, to), to, severity: 'error', message: fault.message },
      ]),
    );
  }, [fault]);
  return <div ref={host} />;
}
