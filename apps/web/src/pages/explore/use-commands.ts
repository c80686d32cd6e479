/** What can be done on the page, for the palette, and the keys that work wherever the focus is. */
import { useEffect, useRef } from 'react';
import type { IconName } from '../../components/index.ts';
import type { Translate } from '../../i18n/i18n.tsx';
import { useT } from '../../i18n/i18n.tsx';
import type { ExploreState } from './explore-state.ts';
import { MOD_KEY } from './mod-key.ts';

export interface Command {
  readonly id: string;
  readonly label: string;
  readonly icon: IconName;
  readonly keys?: readonly string[];
  /** Absent: a hint that is only read. */
  readonly run?: () => void;
}

interface Actions {
  readonly state: ExploreState;
  readonly setState: (change: Partial<ExploreState>) => void;
  readonly run: () => void;
  readonly add: () => void;
  readonly toggleLive: () => void;
  readonly zoomOut: () => void;
  readonly openHistory: () => void;
  readonly openMetrics: () => void;
  readonly openPalette: () => void;
}

export function useCommands(actions: Actions): readonly Command[] {
  const t = useT();
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const mod = event.ctrlKey || event.metaKey;
      const typing = event.target instanceof Element && event.target.closest('.cm-editor, input, textarea');
      if (mod && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        latest.current.openPalette();
      } else if (event.key === '?' && !typing) {
        latest.current.openPalette();
      } else if (mod && event.key === 'Enter' && !event.defaultPrevented) {
        event.preventDefault();
        latest.current.run();
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  return [...commandsOf(t, actions), ...hintsOf(t)];
}

function commandsOf(t: Translate, actions: Actions): readonly Command[] {
  const { state, setState } = actions;
  return [
    { id: 'run', label: t('explore.run'), icon: 'play', keys: [MOD_KEY, '⏎'], run: actions.run },
    { id: 'graph', label: t('explore.command.graph'), icon: 'search', run: () => setState({ tab: 'graph' }) },
    { id: 'table', label: t('explore.command.table'), icon: 'search', run: () => setState({ tab: 'table' }) },
    {
      id: 'explain',
      label: t('explore.command.explain'),
      icon: 'search',
      run: () => setState({ tab: 'explain' }),
    },
    { id: 'add', label: t('explore.add'), icon: 'plus', run: actions.add },
    { id: 'metrics', label: t('explore.metrics'), icon: 'list', run: actions.openMetrics },
    { id: 'history', label: t('explore.history'), icon: 'clock', run: actions.openHistory },
    { id: 'live', label: t('explore.command.live'), icon: 'play', run: actions.toggleLive },
    { id: 'zoomOut', label: t('explore.zoomOut'), icon: 'zoomOut', run: actions.zoomOut },
    {
      id: 'stack',
      label: t('explore.command.stack'),
      icon: 'layers',
      run: () => setState({ stacked: !state.stacked }),
    },
    {
      id: 'exemplars',
      label: t('explore.command.exemplars'),
      icon: 'diamond',
      run: () => setState({ exemplars: !state.exemplars }),
    },
  ];
}

/** Keys of the editor and the charts. */
function hintsOf(t: Translate): readonly Command[] {
  return [
    { id: 'format', label: t('explore.format'), icon: 'format', keys: ['Alt', '⇧', 'F'] },
    { id: 'complete', label: t('explore.command.complete'), icon: 'list', keys: ['Ctrl', '␣'] },
    { id: 'only', label: t('explore.command.only'), icon: 'eye', keys: [t('explore.command.press')] },
    {
      id: 'switch',
      label: t('explore.command.switch'),
      icon: 'eyeOff',
      keys: ['⇧', t('explore.command.press')],
    },
    { id: 'drag', label: t('explore.command.drag'), icon: 'expand', keys: [t('explore.command.dragKey')] },
    { id: 'palette', label: t('explore.palette'), icon: 'command', keys: [MOD_KEY, 'K'] },
  ];
}
