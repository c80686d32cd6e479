import type { UseQueryResult } from '@tanstack/react-query';
import { formatUnit } from '@watchroom/chart-data';
import type { HealthExplanation, HealthPart } from '@watchroom/contract';
import { ErrorState, Loading, Panel, StateMark, type TimeRangeChoice } from '../../components/index.ts';
import { stateOfScore } from '../../design/state.ts';
import type { MessageKey } from '../../i18n/en.ts';
import { formatClock } from '../../i18n/format.ts';
import { type Translate, useI18n, useT } from '../../i18n/i18n.tsx';
import { byLoss, lossText, partValue, waterfall } from '../../panels/explanation.ts';
import { PromqlText } from '../../panels/PromqlText.tsx';
import { useResourceName } from '../../panels/resource-name.ts';
import styles from './Explanation.module.css';

const NAMES: Readonly<Record<string, MessageKey>> = {
  availability: 'explain.part.availability',
  latency: 'explain.part.latency',
  tail: 'explain.part.tail',
  saturation: 'explain.part.saturation',
  instances: 'explain.part.instances',
  security: 'explain.part.security',
  anomaly: 'explain.part.anomaly',
  probes: 'explain.part.probes',
  down: 'explain.part.down',
  clamp: 'explain.part.clamp',
};
const SIGNALS: Readonly<Record<string, MessageKey>> = {
  availability: 'explain.signal.availability',
  latency: 'explain.signal.latency',
  tail: 'explain.signal.tail',
  saturation: 'explain.signal.saturation',
  instances: 'explain.signal.instances',
};
const UNKNOWN: Readonly<Record<NonNullable<HealthExplanation['unknown']>, MessageKey>> = {
  no_data: 'explain.unknown.no_data',
  low_coverage: 'explain.unknown.low_coverage',
  no_service: 'explain.unknown.no_service',
};

function nameOf(part: HealthPart, t: Translate): string {
  if (part.kind === 'cap') {
    const by = NAMES[part.by ?? ''];
    return t('explain.part.cap', { by: by ? t(by) : (part.by ?? '') });
  }
  const key = NAMES[part.id];
  return key ? t(key) : part.id;
}

export interface ExplanationProps {
  readonly answer: UseQueryResult<HealthExplanation>;
  readonly range: TimeRangeChoice;
  readonly className?: string | undefined;
}

/** Why the score is what it is: the way from 100 down to it, then each part with its value and its PromQL. */
export function Explanation({ answer, range, className }: ExplanationProps) {
  const t = useT();
  const { data, error } = answer;
  return (
    <Panel
      title={t('explain.title')}
      className={className ?? ''}
      actions={data && <span className={styles.time}>{formatClock(data.atMs)}</span>}
    >
      {data ? (
        <Parts explanation={data} range={range} />
      ) : error ? (
        <ErrorState
          title={t('explain.failed')}
          detail={error.message}
          onRetry={() => void answer.refetch()}
        />
      ) : (
        <Loading />
      )}
    </Panel>
  );
}

function Parts({ explanation, range }: { explanation: HealthExplanation; range: TimeRangeChoice }) {
  const { t, locale } = useI18n();
  const { score, unknown, coverage, parts } = explanation;
  const most = Math.max(1, ...parts.map(({ loss }) => loss));
  return (
    <div className={styles.explanation}>
      {unknown ? (
        <p className={styles.unknown}>
          <StateMark state="unknown" />
          <span>{t(UNKNOWN[unknown])}</span>
        </p>
      ) : (
        <Waterfall explanation={explanation} />
      )}
      {score === 100 && <p className={styles.note}>{t('explain.perfect')}</p>}
      {coverage !== null && coverage < 1 && (
        <p className={styles.note}>
          {t('explain.coverage', { share: formatUnit(coverage, 'ratio', locale) })}
        </p>
      )}
      <ul className={styles.parts}>
        {byLoss(parts).map((part) => (
          <Part key={part.id + (part.by ?? '')} part={part} most={most} range={range} />
        ))}
      </ul>
    </div>
  );
}

function Waterfall({ explanation }: { explanation: HealthExplanation }) {
  const t = useT();
  const { score, parts } = explanation;
  if (score === null) return null;
  const steps = waterfall(explanation);
  const byId = new Map(parts.map((part) => [part.id, part]));
  const text = score.toFixed(1);
  return (
    <figure className={styles.waterfall} aria-label={t('explain.sum', { score: text })}>
      <div className={styles.track} data-state={stateOfScore(score)} aria-hidden="true">
        <span className={styles.kept} style={{ width: `${score}%` }} />
        {steps.map(({ id, from, to }) => (
          <span
            key={id}
            className={styles.lost}
            title={byId.has(id) ? `${nameOf(byId.get(id)!, t)} ${lossText(from - to)}` : id}
            style={{ left: `${Math.min(from, to)}%`, width: `${Math.abs(from - to)}%` }}
          />
        ))}
      </div>
      {steps.length > 0 && (
        <figcaption className={styles.sum}>
          <span>100</span>
          {steps.map(({ id, from, to }) => (
            <span key={id} title={byId.has(id) ? nameOf(byId.get(id)!, t) : id}>
              {lossText(from - to)}
            </span>
          ))}
          <span>=</span>
          <strong>{text}</strong>
        </figcaption>
      )}
    </figure>
  );
}

function Part({ part, most, range }: { part: HealthPart; most: number; range: TimeRangeChoice }) {
  const { t, locale } = useI18n();
  const resourceName = useResourceName();
  const signal = SIGNALS[part.id];
  const { resource, instance } = part.worst ?? {};
  return (
    <li className={styles.part} data-lossless={part.loss < 0.05 || undefined}>
      <div className={styles.line}>
        <span className={styles.name}>{nameOf(part, t)}</span>
        <span className={styles.loss}>{lossText(part.loss)}</span>
      </div>
      <div className={styles.bar} aria-hidden="true">
        <span style={{ width: `${(100 * Math.max(0, part.loss)) / most}%` }} />
      </div>
      <div className={styles.signal}>
        <span>
          {signal ? t(signal) : part.value === null ? '' : t('explain.signal.points')}{' '}
          <strong>{partValue(part, locale)}</strong>
        </span>
        {resource && (
          <span className={styles.worst}>
            {t('explain.worst', { resource: resourceName(resource), instance: instance ?? '' })}
          </span>
        )}
        {part.weight !== null && (
          <span className={styles.weight}>{t('explain.weight', { weight: Math.round(part.weight) })}</span>
        )}
      </div>
      {part.query !== '' && <PromqlText query={part.query} range={range} />}
    </li>
  );
}
