import { useQuery } from '@tanstack/react-query';
import type { LiveAlert } from '@watchroom/contract';
import { fetchRules } from '../../api/index.ts';
import { Tabs } from '../../components/index.ts';
import { usePageTitle } from '../../hooks/use-page-title.ts';
import { useUrlParameters, useUrlText, withParameter } from '../../hooks/use-url-state.ts';
import { useT } from '../../i18n/i18n.tsx';
import { useLiveTopic } from '../../live/index.ts';
import { ActiveAlerts } from './ActiveAlerts.tsx';
import styles from './Alerts.module.css';
import { Rules } from './Rules.tsx';

const TABS = ['active', 'rules'] as const;
type Tab = (typeof TABS)[number];
const REFRESH_MS = 5000;

/** What is firing, and every rule that could. The URL carries the tab and the filters. */
export function AlertsPage() {
  const t = useT();
  usePageTitle(t('alerts.title'));
  const { parameters, change } = useUrlParameters();
  const text = useUrlText('q');
  const tab: Tab = parameters.get('tab') === 'rules' ? 'rules' : 'active';
  const topic = useLiveTopic<LiveAlert>('alerts');
  const rules = useQuery({
    queryKey: ['rules'],
    queryFn: ({ signal }) => fetchRules(signal),
    refetchInterval: REFRESH_MS,
  });
  const firing = [...topic.entries.values()].filter(({ state }) => state === 'firing').length;
  const filter = {
    ...text,
    state: parameters.get('state') ?? 'all',
    onState: (state: string) =>
      change((newest) => withParameter(newest, 'state', state === 'all' ? '' : state)),
  };
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{t('alerts.title')}</h1>
      <Tabs<Tab>
        label={t('alerts.tabs')}
        value={tab}
        onChange={(value) => change(() => new URLSearchParams(value === 'active' ? {} : { tab: value }))}
        tabs={[
          { value: 'active', label: `${t('alerts.tab.active')}${firing > 0 ? ` (${firing})` : ''}` },
          { value: 'rules', label: t('alerts.tab.rules') },
        ]}
      >
        {tab === 'active' ? (
          <ActiveAlerts topic={topic} rules={rules.data} filter={filter} />
        ) : (
          <Rules answer={rules} filter={filter} />
        )}
      </Tabs>
    </div>
  );
}
