/** An unattended wall loads the new web app by itself, once per build. */
import { useEffect, useRef } from 'react';
import { useConnection } from '../live/index.ts';

const RELOADED_FOR = 'watchroom.reloadedFor';

export function useReloadOnBuild(): void {
  const { webBuild } = useConnection();
  const first = useRef<string>(undefined);
  useEffect(() => {
    if (webBuild === undefined) return;
    first.current ??= webBuild;
    if (webBuild === first.current || window.sessionStorage.getItem(RELOADED_FOR) === webBuild) return;
    window.sessionStorage.setItem(RELOADED_FOR, webBuild);
    window.location.reload();
  }, [webBuild]);
}
