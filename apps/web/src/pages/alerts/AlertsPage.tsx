import { Loading } from '../../components/index.ts';

export function AlertsPage() {
  return <Loading />;
}
