import { useQuery } from '@tanstack/react-query';
import { fetchRelabelTrace, type Labels, type RelabelTrace, type Target } from '../../api/index.ts';
import { Drawer, ErrorState, Loading } from '../../components/index.ts';
import { useT } from '../../i18n/i18n.tsx';
import { LabelSet } from './LabelSet.tsx';
import styles from './Targets.module.css';
import { labelChanges, traceSteps } from './target-rows.ts';

/** Labels of a target as it was discovered, what each relabelling step does, and what comes out. */
export function RelabelDrawer({ target, onClose }: { target: Target | undefined; onClose: () => void }) {
  const t = useT();
  const title = target ? t('targets.details', { address: target.scrapeUrl }) : t('targets.drawer');
  return (
    <Drawer title={t('targets.drawer')} open={target !== undefined} onClose={onClose}>
      {target && (
        <div className={styles.trace}>
          <p className={styles.traceTitle}>{title}</p>
          {target.lastError && <p className={styles.error}>{target.lastError}</p>}
          <Trace target={target} />
        </div>
      )}
    </Drawer>
  );
}

function Trace({ target }: { target: Target }) {
  const t = useT();
  const { id, scrapePool: pool } = target;
  const answer = useQuery({
    queryKey: ['relabel', pool, id],
    queryFn: ({ signal }) => fetchRelabelTrace({ pool, id }, signal),
  });
  return (
    <>
      <h3>{t('targets.before')}</h3>
      <LabelSet labels={target.discoveredLabels} />
      {answer.data ? (
        <Steps trace={answer.data} />
      ) : answer.error ? (
        <ErrorState
          title={t('targets.failed')}
          detail={answer.error.message}
          onRetry={() => void answer.refetch()}
        />
      ) : (
        <Loading />
      )}
      <h3>{t('targets.after')}</h3>
      <LabelSet labels={target.labels} />
    </>
  );
}

function Steps({ trace }: { trace: RelabelTrace }) {
  const t = useT();
  if (trace.steps.length === 0) return <p className={styles.quiet}>{t('targets.noSteps')}</p>;
  return (
    <ol className={styles.steps}>
      {traceSteps(trace).map(({ number, action, rule, before, after }) => (
        <li key={number} className={styles.step}>
          <strong>{t('targets.step', { n: number, action })}</strong>
          <code className={styles.rule}>{rule}</code>
          <Change before={before} after={after} />
        </li>
      ))}
    </ol>
  );
}

function Change({ before, after }: { before: Labels; after: Labels | null }) {
  const t = useT();
  if (after === null) return <p className={styles.error}>{t('targets.drops')}</p>;
  const changes = labelChanges(before, after);
  if (changes.length === 0) return <p className={styles.quiet}>{t('targets.noChange')}</p>;
  return (
    <ul className={styles.changes}>
      {changes.map((change) => (
        <li key={change.name}>
          <code>
            {change.before !== undefined && (
              <del>
                {change.name}="{change.before}"
              </del>
            )}{' '}
            {change.after !== undefined && (
              <ins>
                {change.name}="{change.after}"
              </ins>
            )}
          </code>
        </li>
      ))}
    </ul>
  );
}
