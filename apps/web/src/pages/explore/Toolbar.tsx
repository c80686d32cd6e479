import { Button, IconButton, TimeRangePicker } from '../../components/index.ts';
import { useT } from '../../i18n/i18n.tsx';
import type { ResolvedRange } from '../../panels/range.ts';
import styles from './Explore.module.css';
import type { ExploreState } from './explore-state.ts';
import { ShareMenu } from './ShareMenu.tsx';

export interface ToolbarProps {
  readonly state: ExploreState;
  readonly setState: (change: Partial<ExploreState>) => void;
  readonly range: ResolvedRange | undefined;
  readonly nowMs: number;
  readonly onLive: () => void;
  readonly onZoomOut: () => void;
  readonly onPalette: () => void;
}

/** The page's name, the time, and the link to this screen. */
export function Toolbar({ state, setState, range, nowMs, onLive, onZoomOut, onPalette }: ToolbarProps) {
  const t = useT();
  const live = state.range.kind === 'live';
  return (
    <div className={styles.toolbar}>
      <h1 className={styles.title}>{t('explore.title')}</h1>
      <div className={styles.side}>
        <Button icon={live ? 'pause' : 'play'} onClick={onLive}>
          {t(live ? 'explore.pause' : 'explore.live')}
        </Button>
        <TimeRangePicker value={state.range} nowMs={nowMs} onChange={(next) => setState({ range: next })} />
        <IconButton icon="zoomOut" label={t('explore.zoomOut')} onClick={onZoomOut} />
        <ShareMenu state={state} range={range} nowMs={nowMs} />
        <IconButton icon="command" label={t('explore.palette')} onClick={onPalette} />
      </div>
    </div>
  );
}
