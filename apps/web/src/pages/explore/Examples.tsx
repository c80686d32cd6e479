import { Button, EmptyState, Kbd } from '../../components/index.ts';
import type { MessageKey } from '../../i18n/en.ts';
import { useT } from '../../i18n/i18n.tsx';
import styles from './Explore.module.css';
import { MOD_KEY } from './mod-key.ts';

const EXAMPLES: readonly { readonly key: MessageKey; readonly query: string }[] = [
  { key: 'explore.example.services', query: 'watchroom:health:score' },
  { key: 'explore.example.rate', query: 'sum by (service) (rate(http_requests_total[1m]))' },
  {
    key: 'explore.example.p99',
    query: 'histogram_quantile(0.99, sum by (service, le) (rate(http_request_duration_seconds_bucket[2m])))',
  },
  { key: 'explore.example.cpu', query: 'sum by (mode) (rate(node_cpu_seconds_total{mode!="idle"}[1m]))' },
  { key: 'explore.example.down', query: 'up == 0' },
];

/** What a new person finds: queries to start from, the way to the metrics, and the two keys to know. */
export function Examples({
  onChoose,
  onMetrics,
}: {
  onChoose: (query: string) => void;
  onMetrics: () => void;
}) {
  const t = useT();
  return (
    <EmptyState title={t('explore.empty.title')}>
      <p>{t('explore.empty.body')}</p>
      <ul className={styles.examples}>
        {EXAMPLES.map(({ key, query }) => (
          <li key={key}>
            <button type="button" className={styles.example} onClick={() => onChoose(query)}>
              <span>{t(key)}</span>
              <code>{query}</code>
            </button>
          </li>
        ))}
      </ul>
      <div className={styles.hints}>
        <Button icon="list" onClick={onMetrics}>
          {t('explore.metrics')}
        </Button>
        <span>
          <Kbd>{MOD_KEY}</Kbd> <Kbd>⏎</Kbd> {t('explore.run')}
        </span>
        <span>
          <Kbd>{MOD_KEY}</Kbd> <Kbd>K</Kbd> {t('explore.palette')}
        </span>
      </div>
    </EmptyState>
  );
}
