import type { UseQueryResult } from '@tanstack/react-query';
import { formatUnit } from '@watchroom/chart-data';
import { formatDuration } from '@watchroom/model';
import type { Rule, RuleGroup } from '../../api/index.ts';
import {
  Age,
  type Column,
  EmptyState,
  ErrorState,
  Loading,
  Panel,
  StateShape,
  Table,
} from '../../components/index.ts';
import type { MessageKey } from '../../i18n/en.ts';
import { type Translate, useI18n } from '../../i18n/i18n.tsx';
import { PromqlText } from '../../panels/PromqlText.tsx';
import styles from './Alerts.module.css';
import { type Filter, FilterBar } from './FilterBar.tsx';
import { filterRules, isRuleFilter, RULE_FILTERS, type RuleFilter, ruleKey, ruleState } from './rule-rows.ts';

const FILTERS: Readonly<Record<RuleFilter, MessageKey>> = {
  all: 'alerts.state.all',
  firing: 'alerts.state.firing',
  pending: 'alerts.state.pending',
  failing: 'rules.kind.failing',
  alerting: 'rules.kind.alerting',
  recording: 'rules.kind.recording',
};

function stateText(rule: Rule, t: Translate): string {
  if (rule.health === 'err') return t('rules.health.err');
  if (rule.health !== 'ok') return t('rules.health.unknown');
  if (rule.type === 'recording') return t('rules.health.ok');
  if (rule.state === 'firing') return t('alerts.state.firing');
  return rule.state === 'pending' ? t('alerts.state.pending') : t('alerts.state.inactive');
}

/** Every rule by group: state, last error in full, expression, when it was evaluated and how long that took. */
export function Rules({ answer, filter }: { answer: UseQueryResult<readonly RuleGroup[]>; filter: Filter }) {
  const { t } = useI18n();
  const groups = answer.data;
  if (!groups) {
    if (!answer.error) return <Loading />;
    return (
      <ErrorState
        title={t('rules.failed')}
        detail={answer.error.message}
        onRetry={() => void answer.refetch()}
      />
    );
  }
  if (groups.length === 0) {
    return (
      <EmptyState icon="bell" title={t('rules.none.title')}>
        <p>{t('rules.none.body')}</p>
      </EmptyState>
    );
  }
  const state = isRuleFilter(filter.state) ? filter.state : 'all';
  const shown = filterRules(groups, { text: filter.text, state });
  const count = shown.reduce((sum, { rules }) => sum + rules.length, 0);
  return (
    <>
      <FilterBar filter={filter} states={RULE_FILTERS.map((value) => ({ value, label: t(FILTERS[value]) }))}>
        <span className={styles.counts}>{t('rules.count', { n: count, groups: shown.length })}</span>
      </FilterBar>
      {shown.length === 0 && <EmptyState title={t('rules.noMatch')} />}
      <div className={styles.groups}>
        {shown.map((group) => (
          <Group key={`${group.file}\n${group.name}`} group={group} />
        ))}
      </div>
    </>
  );
}

function Group({ group }: { group: RuleGroup }) {
  const { t } = useI18n();
  return (
    <Panel
      title={group.name}
      flush
      actions={
        <span className={styles.counts}>
          {t('rules.group', {
            n: group.rules.length,
            interval: formatDuration(group.interval * 1000),
            file: group.file,
          })}
        </span>
      }
    >
      <Table
        caption={`${t('alerts.tab.rules')}: ${group.name}`}
        columns={useColumns()}
        rows={group.rules}
        rowKey={ruleKey}
      />
    </Panel>
  );
}

function useColumns(): readonly Column<Rule>[] {
  const { t, locale } = useI18n();
  return [
    {
      key: 'state',
      title: t('rules.state'),
      cell: (rule) => (
        <span className={styles.ruleState} data-state={ruleState(rule)}>
          <StateShape state={ruleState(rule)} />
          {stateText(rule, t)}
        </span>
      ),
    },
    { key: 'name', title: t('rules.name'), cell: (rule) => <RuleName rule={rule} /> },
    {
      key: 'expr',
      title: t('rules.expr'),
      cell: (rule) => (
        <div className={styles.expr}>
          <PromqlText query={rule.query} />
          {rule.lastError && <p className={styles.error}>{rule.lastError}</p>}
        </div>
      ),
    },
    {
      key: 'last',
      title: t('rules.last'),
      numeric: true,
      cell: (rule) => <Age sinceMs={rule.lastEvaluation} />,
    },
    {
      key: 'took',
      title: t('rules.took'),
      numeric: true,
      cell: (rule) => (
        <span className={styles.number}>{formatUnit(rule.evaluationTime, 'seconds', locale)}</span>
      ),
    },
  ];
}

function RuleName({ rule }: { rule: Rule }) {
  const { t } = useI18n();
  const labels = Object.entries(rule.labels);
  return (
    <div className={styles.rule}>
      <strong>{rule.name}</strong>
      <span className={styles.counts}>
        {[
          t(rule.type === 'recording' ? 'rules.kind.recording' : 'rules.kind.alerting'),
          ...(rule.type === 'alerting' && rule.duration > 0
            ? [t('rules.for', { duration: formatDuration(rule.duration * 1000) })]
            : []),
          ...labels.map(([name, value]) => `${name}="${value}"`),
        ].join(' · ')}
      </span>
    </div>
  );
}
