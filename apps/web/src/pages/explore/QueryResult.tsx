import type { ResolvedRange } from '../../panels/range.ts';
import { ExplainResult } from './ExplainResult.tsx';
import type { ExploreState } from './explore-state.ts';
import { typeOf } from './explore-state.ts';
import { GraphResult } from './GraphResult.tsx';
import { InstantBars } from './InstantBars.tsx';
import { InstantTable } from './InstantTable.tsx';
import { RangeTable } from './RangeTable.tsx';
import type { Selection } from './selection.ts';
import type { QueryFault } from './server-position.ts';
import type { QueryRow } from './use-query-rows.ts';

export interface QueryResultProps {
  readonly row: QueryRow;
  readonly letter: string;
  readonly range: ResolvedRange;
  readonly state: ExploreState;
  readonly setState: (change: Partial<ExploreState>) => void;
  readonly onFault: (key: number, fault: QueryFault | undefined) => void;
  readonly onSelect: (selection: Selection) => void;
  readonly onZoom: (fromMs: number, toMs: number) => void;
  readonly onZoomOut: () => void;
  readonly onHighlight: (span: { readonly start: number; readonly end: number } | undefined) => void;
  /** Runs an expression as a query of its own. */
  readonly onAdd: (query: string) => void;
}

/** What the parts of a result share. */
export interface ResultProps extends QueryResultProps {
  readonly query: string;
}

/** The result of one query in the chosen view: lines or bars, tables, or the tree that it was evaluated by. */
export function QueryResult(props: QueryResultProps) {
  const { state, row } = props;
  const type = typeOf(state);
  const result: ResultProps = { ...props, query: row.ran.text };
  if (state.tab === 'explain') return <ExplainResult {...result} />;
  const [Lines, Values] = state.tab === 'graph' ? [GraphResult, InstantBars] : [RangeTable, InstantTable];
  return (
    <>
      {type !== 'instant' && <Lines {...result} />}
      {type !== 'range' && <Values {...result} />}
    </>
  );
}
