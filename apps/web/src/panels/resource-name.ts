import type { MessageKey } from '../i18n/en.ts';
import { useT } from '../i18n/i18n.tsx';

const KEYS: Readonly<Record<string, MessageKey>> = {
  cpu: 'wall.resource.cpu',
  memory: 'wall.resource.memory',
  disk: 'wall.resource.disk',
  pool: 'wall.resource.pool',
  connections: 'wall.resource.connections',
  queue: 'wall.resource.queue',
};

/** The word for a resource; one that we do not know keeps its label. */
export function useResourceName(): (resource: string) => string {
  const t = useT();
  return (resource) => {
    const key = KEYS[resource];
    return key ? t(key) : resource;
  };
}
