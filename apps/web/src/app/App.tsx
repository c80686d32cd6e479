import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { BrowserRouter, Navigate, Route, Routes } from 'react-router';
import { Loading } from '../components/index.ts';
import { I18nProvider } from '../i18n/i18n.tsx';
import { LiveProvider } from '../live/index.ts';
import { WallPage } from '../pages/wall/WallPage.tsx';
import { NotFound } from './NotFound.tsx';
import { Shell } from './Shell.tsx';

const ServicePage = lazy(async () => ({
  default: (await import('../pages/service/ServicePage.tsx')).ServicePage,
}));
const ExplorePage = lazy(async () => ({
  default: (await import('../pages/explore/ExplorePage.tsx')).ExplorePage,
}));
const AlertsPage = lazy(async () => ({
  default: (await import('../pages/alerts/AlertsPage.tsx')).AlertsPage,
}));
const TargetsPage = lazy(async () => ({
  default: (await import('../pages/targets/TargetsPage.tsx')).TargetsPage,
}));
const EmbedPage = lazy(async () => ({ default: (await import('../pages/embed/EmbedPage.tsx')).EmbedPage }));
const StyleguidePage = lazy(async () => ({
  default: (await import('../pages/styleguide/StyleguidePage.tsx')).StyleguidePage,
}));

const queries = new QueryClient({
  defaultOptions: { queries: { staleTime: 5000, retry: 1, refetchOnWindowFocus: false } },
});

export function App() {
  return (
    <I18nProvider>
      <QueryClientProvider client={queries}>
        <LiveProvider>
          <BrowserRouter>
            <Suspense fallback={<Loading />}>
              <Routes>
                <Route path="/embed/*" element={<EmbedPage />} />
                <Route element={<Shell />}>
                  <Route index element={<WallPage />} />
                  <Route path="/wall" element={<Navigate to="/wall/overview" replace />} />
                  <Route path="/wall/overview" element={<WallPage />} />
                  <Route path="/d/service/:name" element={<ServicePage />} />
                  <Route path="/explore" element={<ExplorePage />} />
                  <Route path="/alerts" element={<AlertsPage />} />
                  <Route path="/targets" element={<TargetsPage />} />
                  <Route path="/styleguide" element={<StyleguidePage />} />
                  <Route path="*" element={<NotFound />} />
                </Route>
              </Routes>
            </Suspense>
          </BrowserRouter>
        </LiveProvider>
      </QueryClientProvider>
    </I18nProvider>
  );
}
