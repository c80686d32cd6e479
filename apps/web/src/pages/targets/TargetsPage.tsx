import { Loading } from '../../components/index.ts';

export function TargetsPage() {
  return <Loading />;
}
