import { Loading } from '../../components/index.ts';

export function EmbedPage() {
  return <Loading />;
}
