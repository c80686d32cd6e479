import { Loading } from '../../components/index.ts';

export function ExplorePage() {
  return <Loading />;
}
