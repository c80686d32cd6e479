import { useMemo } from 'react';
import { useLocation } from 'react-router';
import { ErrorBoundary } from '../../app/ErrorBoundary.tsx';
import { useReloadOnBuild } from '../../app/use-reload-on-build.ts';
import { EmptyState } from '../../components/index.ts';
import { useT } from '../../i18n/i18n.tsx';
import { EmbedFrame } from './EmbedFrame.tsx';
import { EmbedPanel, EmbedQuery } from './EmbedPanel.tsx';
import { EmbedService } from './EmbedService.tsx';
import { parseEmbed } from './embed-route.ts';

/** A service or a panel for another page's frame: no bar, no scroll bars, any size. */
export function EmbedPage() {
  const t = useT();
  useReloadOnBuild();
  const { pathname, search } = useLocation();
  const route = useMemo(() => parseEmbed(pathname, new URLSearchParams(search)), [pathname, search]);
  return (
    <ErrorBoundary title={t('app.error.title')}>
      {route?.kind === 'service' && <EmbedService service={route.service} />}
      {route?.kind === 'panel' && <EmbedPanel {...route} />}
      {route?.kind === 'query' && <EmbedQuery {...route} />}
      {!route && (
        <EmbedFrame title={t('embed.unknown.title')}>
          {() => (
            <EmptyState title={t('embed.unknown.title')}>
              <p>{t('embed.unknown.body')}</p>
            </EmptyState>
          )}
        </EmbedFrame>
      )}
    </ErrorBoundary>
  );
}
