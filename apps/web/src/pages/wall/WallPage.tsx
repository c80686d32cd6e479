import { Loading } from '../../components/index.ts';

export function WallPage() {
  return <Loading />;
}
