/** The worst signal of a service in words. */
import { formatUnit, type UnitLocale } from '@watchroom/chart-data';
import type { MessageKey } from '../../i18n/en.ts';
import type { Translate } from '../../i18n/i18n.tsx';
import type { ComponentId, TileModel } from './tile-model.ts';

const KEYS: Readonly<Record<ComponentId, MessageKey>> = {
  availability: 'signal.availability',
  latency: 'signal.latency',
  tail: 'signal.tail',
  saturation: 'signal.saturation',
  instances: 'signal.instances',
};

function rawValue(tile: TileModel, id: ComponentId, locale: UnitLocale): string {
  const none = Number.NaN;
  switch (id) {
    case 'availability':
      return formatUnit(tile.errors ?? none, 'ratio', locale);
    case 'latency':
      return formatUnit(tile.p90 ?? none, 'seconds', locale);
    case 'tail':
      return formatUnit(tile.p99 ?? none, 'seconds', locale);
    case 'saturation':
      return formatUnit(tile.saturation ?? none, 'ratio', locale);
    case 'instances':
      return formatUnit(tile.up ?? none, 'ratio', locale);
  }
}

/** `short`: for tiles that have no room for a sentence. */
export function signalText(tile: TileModel, t: Translate, locale: UnitLocale, short = false): string {
  if (tile.worst === undefined) return t(tile.state === 'late' ? 'signal.late' : 'signal.none');
  if (tile.worst === 'noData') return t('signal.noData');
  if (tile.worst === 'down')
    return t(short ? 'signal.downShort' : 'signal.down', { n: tile.down, total: tile.targets });
  return t(KEYS[tile.worst], { value: rawValue(tile, tile.worst, locale) });
}
