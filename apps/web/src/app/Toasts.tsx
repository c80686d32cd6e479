import type { LiveAlert } from '@watchroom/contract';
import { useEffect, useRef, useState } from 'react';
import { IconButton, StateShape } from '../components/index.ts';
import type { State } from '../design/state.ts';
import { useT } from '../i18n/i18n.tsx';
import { useLiveTopic } from '../live/index.ts';
import { alertTitle, changesOf, stateOfAlert } from './alert-changes.ts';
import styles from './Toasts.module.css';

interface Toast {
  readonly id: string;
  readonly alert: LiveAlert;
}

const MAX_TOASTS = 4;
const FIRING_SHOWN_MS = 30_000;
const RESOLVED_SHOWN_MS = 8000;

/** Alerts that begin to fire or resolve while the page is open. What fired before is on the wall and under Alerts. */
export function Toasts() {
  const t = useT();
  const topic = useLiveTopic<LiveAlert>('alerts');
  const seen = useRef<ReadonlyMap<string, LiveAlert>>(undefined);
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  useEffect(() => {
    if (topic.status !== 'live') return;
    const before = seen.current;
    seen.current = topic.entries;
    if (!before) return;
    const fresh = changesOf(before, topic.entries);
    if (fresh.length === 0) return;
    setToasts((shown) => {
      const ids = new Set(fresh.map((toast) => toast.id));
      return [...fresh, ...shown.filter((toast) => !ids.has(toast.id))].slice(0, MAX_TOASTS);
    });
  }, [topic]);
  const dismiss = (toast: Toast) => setToasts((shown) => shown.filter((other) => other !== toast));
  return (
    <section className={styles.region} aria-label={t('toast.region')} aria-live="assertive">
      {toasts.map((toast) => (
        <ToastCard key={`${toast.id} ${toast.alert.state}`} toast={toast} onDismiss={dismiss} />
      ))}
    </section>
  );
}

function ToastCard({ toast, onDismiss }: { toast: Toast; onDismiss: (toast: Toast) => void }) {
  const t = useT();
  const firing = toast.alert.state === 'firing';
  const state: State = stateOfAlert(toast.alert);
  const dismiss = useRef(onDismiss);
  dismiss.current = onDismiss;
  useEffect(() => {
    const timer = setTimeout(() => dismiss.current(toast), firing ? FIRING_SHOWN_MS : RESOLVED_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [toast, firing]);
  const summary = toast.alert.annotations.summary ?? toast.alert.annotations.description;
  return (
    <div className={styles.toast} data-state={state} data-alert={toast.alert.name}>
      <StateShape state={state} />
      <div className={styles.text}>
        <strong>
          {alertTitle(toast.alert)} · {t(firing ? 'toast.firing' : 'toast.resolved')}
        </strong>
        {summary && <span>{summary}</span>}
      </div>
      <IconButton icon="close" size="small" label={t('toast.dismiss')} onClick={() => onDismiss(toast)} />
    </div>
  );
}
