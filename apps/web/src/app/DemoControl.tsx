import { useMutation } from '@tanstack/react-query';
import type { DemoStatus } from '@watchroom/contract';
import { useState } from 'react';
import { Button, Icon, Popover, Segmented } from '../components/index.ts';
import { formatAge } from '../i18n/format.ts';
import { useT } from '../i18n/i18n.tsx';
import { useLiveTopic } from '../live/index.ts';
import styles from './DemoControl.module.css';
import { fetchJson } from './fetch-json.ts';

const SPEEDS = ['1', '10', '60'] as const;
type Speed = (typeof SPEEDS)[number];
const PATH = '/api/demo/incident';

/** Starts and stops the incident «double11»; shown in demo mode only. */
export function DemoControl() {
  const t = useT();
  const demo = useLiveTopic<DemoStatus>('demo').entries.get('incident');
  const [speed, setSpeed] = useState<Speed>('10');
  const start = useMutation({
    mutationFn: () => fetchJson(PATH, { method: 'POST', body: { name: 'double11', speed: Number(speed) } }),
  });
  const stop = useMutation({ mutationFn: () => fetchJson(PATH, { method: 'DELETE' }) });
  const failure = start.error ?? stop.error;
  const running = demo?.running === true;
  const title = running ? t('demo.running', { speed: demo.speed }) : t('demo.title');
  return (
    <Popover
      label={t('demo.title')}
      trigger={
        <span className={styles.trigger} data-running={running}>
          <Icon name={running ? 'stop' : 'play'} />
          {title}
        </span>
      }
    >
      {() => (
        <div className={styles.panel}>
          <p>{t('demo.idle')}</p>
          {running ? (
            <>
              <dl className={styles.facts}>
                <dt>{t('demo.phase')}</dt>
                <dd>{demo.phase}</dd>
              </dl>
              <progress
                aria-label={t('demo.title')}
                className={styles.progress}
                value={demo.elapsedS}
                max={Math.max(1, demo.lengthS)}
              />
              <p className={styles.note}>
                {t('demo.progress', {
                  elapsed: formatAge(t, demo.elapsedS * 1000),
                  length: formatAge(t, demo.lengthS * 1000),
                })}
              </p>
              <Button variant="danger" icon="stop" busy={stop.isPending} onClick={() => stop.mutate()}>
                {t('demo.stop')}
              </Button>
            </>
          ) : (
            <>
              <Segmented
                label={t('demo.speed')}
                value={speed}
                onChange={setSpeed}
                options={SPEEDS.map((value) => ({ value, label: `${value}×` }))}
              />
              <Button
                variant="primary"
                icon="play"
                busy={start.isPending}
                disabled={demo?.available === false}
                onClick={() => start.mutate()}
              >
                {t('demo.start')}
              </Button>
            </>
          )}
          {failure && (
            <p role="alert" className={styles.error}>
              {t('demo.failed')} {failure.message}
            </p>
          )}
        </div>
      )}
    </Popover>
  );
}
