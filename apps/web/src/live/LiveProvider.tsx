import { systemClock } from '@watchroom/model';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { flushSync } from 'react-dom';
import { browserScheduler } from './browser-scheduler.ts';
import { exposeDiagnostics } from './diagnostics.ts';
import { LivePage } from './live-page.ts';
import { socketIoFactory } from './socket-io.ts';

const LiveContext = createContext<LivePage | undefined>(undefined);

/** The page's own live parts: socket.io to the page's origin, the browser's frames and clock. */
export function browserLivePage(): LivePage {
  return new LivePage({
    open: socketIoFactory(),
    clock: systemClock,
    random: Math.random,
    scheduler: browserScheduler(),
    batch: (run) => flushSync(run),
    pageName: () => location.pathname,
  });
}

/** Gives everything below it the live hooks. `page` lets a test or the style guide bring its own. */
export function LiveProvider(props: { readonly children: ReactNode; readonly page?: LivePage }): ReactNode {
  const [own] = useState(() => props.page ?? browserLivePage());
  useEffect(() => {
    own.start();
    const look = () => {
      if (document.hidden) own.frames.forgetPending();
      else own.connection.nudge();
    };
    const online = () => own.connection.nudge();
    document.addEventListener('visibilitychange', look);
    window.addEventListener('online', online);
    const conceal = exposeDiagnostics(own);
    return () => {
      conceal();
      document.removeEventListener('visibilitychange', look);
      window.removeEventListener('online', online);
      own.close();
    };
  }, [own]);
  return <LiveContext value={own}>{props.children}</LiveContext>;
}

/** The live parts themselves, for components that draw imperatively. */
export function useLivePage(): LivePage {
  const page = useContext(LiveContext);
  if (!page) throw new Error('live hooks need a LiveProvider above them');
  return page;
}
