import { formatDuration } from '@watchroom/model';
import { useState } from 'react';
import { formatDateTime } from '../i18n/format.ts';
import { useT } from '../i18n/i18n.tsx';
import { Button } from './Button.tsx';
import { Field } from './Field.tsx';
import { Icon } from './Icon.tsx';
import { Popover } from './Popover.tsx';
import styles from './TimeRangePicker.module.css';
import { formatRange, type TimeRangeChoice, toLocalInput } from './time-range.ts';

const LIVE_MS = [300_000, 900_000, 1_800_000, 3_600_000] as const;
const LAST_MS = [900_000, 3_600_000, 6 * 3_600_000, 86_400_000, 7 * 86_400_000] as const;

export interface TimeRangePickerProps {
  readonly value: TimeRangeChoice;
  readonly onChange: (range: TimeRangeChoice) => void;
  /** Where the absolute form starts from when the range is relative. */
  readonly nowMs: number;
}

export function TimeRangePicker({ value, onChange, nowMs }: TimeRangePickerProps) {
  const t = useT();
  const text =
    value.kind === 'absolute'
      ? `${formatDateTime(value.fromMs)} – ${formatDateTime(value.toMs)}`
      : value.kind === 'live'
        ? `${t('range.live')} · ${formatDuration(value.windowMs)}`
        : t('range.last', { duration: formatDuration(value.windowMs) });
  return (
    <Popover
      label={t('range.label')}
      buttonProps={{ variant: 'secondary' }}
      trigger={
        <>
          {value.kind === 'live' ? <span className={styles.dot} /> : <Icon name="clock" />}
          {text}
          <Icon name="chevron" />
        </>
      }
    >
      {(close) => (
        <Choices
          value={value}
          nowMs={nowMs}
          onChoose={(range) => {
            onChange(range);
            close();
          }}
        />
      )}
    </Popover>
  );
}

function Choices({
  value,
  nowMs,
  onChoose,
}: {
  value: TimeRangeChoice;
  nowMs: number;
  onChoose: (range: TimeRangeChoice) => void;
}) {
  const t = useT();
  const row = (kind: 'live' | 'last', windows: readonly number[]) => (
    <div className={styles.choices}>
      {windows.map((windowMs) => {
        const range: TimeRangeChoice = { kind, windowMs };
        return (
          <Button
            key={windowMs}
            size="small"
            aria-pressed={formatRange(value) === formatRange(range)}
            onClick={() => onChoose(range)}
          >
            {formatDuration(windowMs)}
          </Button>
        );
      })}
    </div>
  );
  return (
    <div className={styles.panel}>
      <h3>{t('range.live')}</h3>
      {row('live', LIVE_MS)}
      <h3>{t('range.relative')}</h3>
      {row('last', LAST_MS)}
      <h3>{t('range.absolute')}</h3>
      <Absolute value={value} nowMs={nowMs} onChoose={onChoose} />
    </div>
  );
}

function Absolute({
  value,
  nowMs,
  onChoose,
}: {
  value: TimeRangeChoice;
  nowMs: number;
  onChoose: (range: TimeRangeChoice) => void;
}) {
  const t = useT();
  const start = value.kind === 'absolute' ? value : { fromMs: nowMs - value.windowMs, toMs: nowMs };
  const [from, setFrom] = useState(() => toLocalInput(start.fromMs));
  const [to, setTo] = useState(() => toLocalInput(start.toMs));
  const fromMs = new Date(from).getTime();
  const toMs = new Date(to).getTime();
  const valid = fromMs < toMs;
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (valid) onChoose({ kind: 'absolute', fromMs, toMs });
      }}
    >
      <Field
        label={t('range.from')}
        type="datetime-local"
        step={1}
        value={from}
        onChange={(event) => setFrom(event.target.value)}
      />
      <Field
        label={t('range.to')}
        type="datetime-local"
        step={1}
        value={to}
        error={valid ? undefined : t('range.invalid')}
        onChange={(event) => setTo(event.target.value)}
      />
      <Button type="submit" variant="primary" disabled={!valid}>
        {t('range.apply')}
      </Button>
    </form>
  );
}
