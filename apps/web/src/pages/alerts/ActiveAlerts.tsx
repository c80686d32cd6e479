import type { LiveAlert } from '@watchroom/contract';
import type { RuleGroup } from '../../api/index.ts';
import { EmptyState, ErrorState, Loading, Panel } from '../../components/index.ts';
import { useT } from '../../i18n/i18n.tsx';
import type { LiveTopic } from '../../live/index.ts';
import { AlertLine } from './AlertLine.tsx';
import styles from './Alerts.module.css';
import { type AlertFilter, filterAlerts, groupAlerts } from './alert-groups.ts';
import { type Filter, FilterBar } from './FilterBar.tsx';

export interface ActiveAlertsProps {
  readonly topic: LiveTopic<LiveAlert>;
  readonly rules: readonly RuleGroup[] | undefined;
  readonly filter: Filter;
}

const isFilter = (text: string): text is AlertFilter =>
  ['all', 'firing', 'pending', 'resolved'].includes(text);

/** Firing, pending and recently resolved alerts by name. */
export function ActiveAlerts({ topic, rules, filter }: ActiveAlertsProps) {
  const t = useT();
  if (topic.status === 'error') return <ErrorState title={t('chart.problem')} detail={topic.error} />;
  if (topic.status === 'loading') return <Loading />;
  if (topic.entries.size === 0) return <NothingFires rules={rules} />;
  const state = isFilter(filter.state) ? filter.state : 'all';
  const shown = groupAlerts(filterAlerts(topic.entries, { text: filter.text, state }));
  return (
    <>
      <FilterBar
        filter={filter}
        states={[
          { value: 'all', label: t('alerts.state.all') },
          { value: 'firing', label: t('alerts.state.firing') },
          { value: 'pending', label: t('alerts.state.pending') },
          { value: 'resolved', label: t('alerts.state.resolved') },
        ]}
      />
      {shown.length === 0 && <EmptyState title={t('alerts.noMatch')} />}
      <div className={styles.groups}>
        {shown.map((group) => (
          <Panel
            key={group.name}
            title={group.name}
            actions={
              <span className={styles.counts}>
                {(['firing', 'pending', 'resolved'] as const)
                  .filter((each) => group.counts[each] > 0)
                  .map((each) => `${group.counts[each]} ${t(`alerts.state.${each}`)}`)
                  .join(' · ')}
              </span>
            }
          >
            <ul className={styles.list}>
              {group.alerts.map(([id, alert]) => (
                <li key={id}>
                  <AlertLine alert={alert} withName={false} />
                </li>
              ))}
            </ul>
          </Panel>
        ))}
      </div>
    </>
  );
}

function NothingFires({ rules }: { rules: readonly RuleGroup[] | undefined }) {
  const t = useT();
  const count = rules?.flatMap((group) => group.rules).filter((rule) => rule.type === 'alerting').length;
  return (
    <EmptyState icon="bell" title={t('alerts.none.title')}>
      {count !== undefined && <p>{t('alerts.none.body', { n: count })}</p>}
    </EmptyState>
  );
}
