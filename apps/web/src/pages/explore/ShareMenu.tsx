import { useState } from 'react';
import { Button, Popover } from '../../components/index.ts';
import { useT } from '../../i18n/i18n.tsx';
import { copyText } from '../../panels/copy-text.ts';
import type { ResolvedRange } from '../../panels/range.ts';
import styles from './Explore.module.css';
import { type ExploreState, writeExploreState } from './explore-state.ts';

const COPIED_MS = 1500;

export interface ShareMenuProps {
  readonly state: ExploreState;
  readonly range: ResolvedRange | undefined;
  readonly nowMs: number;
}

/** Copies the link to this screen, as it stands or with its time pinned. */
export function ShareMenu({ state, range, nowMs }: ShareMenuProps) {
  const t = useT();
  const [copied, setCopied] = useState<'as-is' | 'pinned' | undefined>();
  const copy = async (which: 'as-is' | 'pinned') => {
    const url = new URL(window.location.href);
    const shown = which === 'pinned' ? { ...state, range: pinned(range, nowMs) } : state;
    url.search = writeExploreState(url.searchParams, shown).toString();
    if (!(await copyText(url.href))) return;
    setCopied(which);
    setTimeout(() => setCopied(undefined), COPIED_MS);
  };
  return (
    <Popover
      label={t('explore.share')}
      trigger={null}
      buttonProps={{ icon: 'link', 'aria-label': t('explore.share'), title: t('explore.share') }}
    >
      {() => (
        <div className={styles.share}>
          <p>{t('explore.share.body')}</p>
          <Button icon={copied === 'as-is' ? 'check' : 'copy'} onClick={() => void copy('as-is')}>
            {t(copied === 'as-is' ? 'promql.copied' : 'explore.share.link')}
          </Button>
          <Button icon={copied === 'pinned' ? 'check' : 'copy'} onClick={() => void copy('pinned')}>
            {t(copied === 'pinned' ? 'promql.copied' : 'explore.share.pinned')}
          </Button>
        </div>
      )}
    </Popover>
  );
}

/** The times on the screen, fixed. */
function pinned(range: ResolvedRange | undefined, nowMs: number): ExploreState['range'] {
  if (range?.kind === 'fixed') return { kind: 'absolute', fromMs: range.fromMs, toMs: range.toMs };
  const toMs = Math.round(nowMs);
  return { kind: 'absolute', fromMs: toMs - (range?.windowMs ?? 0), toMs };
}
