import { formatDuration } from '@watchroom/model';
import { useId, useState } from 'react';
import { Button, Field, Popover, Segmented, Select } from '../../components/index.ts';
import { useT } from '../../i18n/i18n.tsx';
import type { ResolvedRange } from '../../panels/range.ts';
import styles from './Explore.module.css';
import {
  type ExploreState,
  type ExploreTab,
  parseStep,
  type QueryType,
  type Step,
  typeOf,
} from './explore-state.ts';

export interface ViewBarProps {
  readonly state: ExploreState;
  readonly setState: (change: Partial<ExploreState>) => void;
  readonly range: ResolvedRange | undefined;
}

/** How the results are asked for and shown. */
export function ViewBar({ state, setState, range }: ViewBarProps) {
  const t = useT();
  const type = typeOf(state);
  return (
    <div className={styles.viewbar}>
      <Segmented<ExploreTab>
        label={t('explore.view')}
        value={state.tab}
        onChange={(tab) => setState({ tab })}
        options={[
          { value: 'graph', label: t('explore.graph') },
          { value: 'table', label: t('explore.table') },
          { value: 'explain', label: t('explore.explain') },
        ]}
      />
      <Select<QueryType>
        label={t('explore.type')}
        value={type}
        onChange={(next) => setState({ type: next })}
        options={[
          { value: 'range', label: t('explore.type.range') },
          { value: 'instant', label: t('explore.type.instant') },
          { value: 'both', label: t('explore.type.both') },
        ]}
      />
      {type !== 'instant' && (
        <StepControl step={state.step} range={range} onChange={(step) => setState({ step })} />
      )}
      <span className={styles.space} />
      {state.tab === 'graph' && type !== 'instant' && (
        <>
          <Button
            variant="ghost"
            icon="layers"
            aria-pressed={state.stacked}
            className={styles.toggle ?? ''}
            onClick={() => setState({ stacked: !state.stacked })}
          >
            {t('explore.stacked')}
          </Button>
          <Button
            variant="ghost"
            icon="diamond"
            aria-pressed={state.exemplars}
            className={styles.toggle ?? ''}
            onClick={() => setState({ exemplars: !state.exemplars })}
          >
            {t('explore.exemplars')}
          </Button>
        </>
      )}
    </div>
  );
}

const STEP_KEYS = {
  auto: 'explore.step.auto',
  fine: 'explore.step.fine',
  coarse: 'explore.step.coarse',
  fixed: 'explore.step.fixed',
} as const;

function StepControl({
  step,
  range,
  onChange,
}: {
  step: Step;
  range: ResolvedRange | undefined;
  onChange: (step: Step) => void;
}) {
  const t = useT();
  const actual = range ? formatDuration(range.stepMs) : '…';
  return (
    <Popover
      label={t('explore.resolution')}
      align="start"
      buttonProps={{ variant: 'secondary' }}
      trigger={
        <>
          {t('explore.step', { step: actual })}
          <span className={styles.quiet}>{t(STEP_KEYS[typeof step === 'number' ? 'fixed' : step])}</span>
        </>
      }
    >
      {(close) => (
        <StepForm
          step={step}
          actual={actual}
          onChange={(next) => {
            onChange(next);
            close();
          }}
        />
      )}
    </Popover>
  );
}

function StepForm({
  step,
  actual,
  onChange,
}: {
  step: Step;
  actual: string;
  onChange: (step: Step) => void;
}) {
  const t = useT();
  const [text, setText] = useState(actual);
  const id = useId();
  const parsed = parseStep(text);
  return (
    <form
      className={styles.stepForm}
      onSubmit={(event) => {
        event.preventDefault();
        if (parsed !== undefined) onChange(parsed);
      }}
    >
      <h3 id={id}>{t('explore.resolution')}</h3>
      <Segmented
        label={t('explore.resolution')}
        value={typeof step === 'number' ? 'fixed' : step}
        onChange={(next) => {
          if (next !== 'fixed') onChange(next as Step);
        }}
        options={(['auto', 'fine', 'coarse'] as const).map((value) => ({
          value: value as string,
          label: t(STEP_KEYS[value]),
        }))}
      />
      <Field
        label={t('explore.step.fixed')}
        hint={t('explore.step.hint')}
        error={parsed === undefined ? t('explore.step.invalid') : undefined}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Button type="submit" disabled={parsed === undefined}>
        {t('range.apply')}
      </Button>
    </form>
  );
}
