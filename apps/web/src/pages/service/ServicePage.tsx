import { Loading } from '../../components/index.ts';

export function ServicePage() {
  return <Loading />;
}
