import { formatUnit } from '@watchroom/chart-data';
import { FitText, Panel } from '../../components/index.ts';
import { useRootSize } from '../../design/root-size.ts';
import { useSize } from '../../hooks/use-size.ts';
import { useI18n } from '../../i18n/i18n.tsx';
import { useLiveQuery, useLiveValues } from '../../live/index.ts';
import { LOAD, MACHINES } from './queries.ts';
import styles from './Wall.module.css';

const COLUMNS = ['cpu', 'memory', 'disk'] as const;
const KEYS = {
  cpu: 'wall.resource.cpu',
  memory: 'wall.resource.memory',
  disk: 'wall.resource.disk',
} as const;
const WARNING_FROM = 0.85;
const CRITICAL_FROM = 0.95;
/** The columns beside the name, in rem. */
const BESIDE = 13.75;

type Machine = Partial<Record<(typeof COLUMNS)[number] | 'load', number>>;

function useMachines(): readonly (readonly [string, Machine])[] {
  const ratios = useLiveValues(useLiveQuery(MACHINES));
  const loads = useLiveValues(useLiveQuery(LOAD));
  const machines = new Map<string, Machine>();
  for (const { labels, value } of ratios.values) {
    const instance = labels['instance'] ?? '';
    machines.set(instance, { ...machines.get(instance), [labels['resource'] ?? '']: value });
  }
  for (const { labels, value } of loads.values) {
    const instance = labels['instance'] ?? '';
    machines.set(instance, { ...machines.get(instance), load: value });
  }
  return [...machines].sort(([, a], [, b]) => (b.cpu ?? 0) - (a.cpu ?? 0));
}

/** The machines under the services: processor, memory, disk, load. */
export function MachinesPanel({ most }: { most: number }) {
  const { t } = useI18n();
  const rem = useRootSize();
  const [ref, size] = useSize();
  const machines = useMachines();
  return (
    <Panel title={t('wall.machines')}>
      <div ref={ref}>
        {machines.length === 0 ? (
          <p className={styles.quiet}>{t('wall.machines.none')}</p>
        ) : (
          <div className={styles.machines}>
            <span />
            {COLUMNS.map((column) => (
              <span key={column} className={styles.columnName}>
                {t(KEYS[column])}
              </span>
            ))}
            <span className={styles.columnName}>{t('wall.machine.load')}</span>
            {machines.slice(0, most).map(([instance, machine]) => (
              <MachineRow
                key={instance}
                instance={instance}
                machine={machine}
                nameWidth={size.width - BESIDE * rem}
                rem={rem}
              />
            ))}
          </div>
        )}
      </div>
    </Panel>
  );
}

interface MachineRowProps {
  readonly instance: string;
  readonly machine: Machine;
  readonly nameWidth: number;
  readonly rem: number;
}

function MachineRow({ instance, machine, nameWidth, rem }: MachineRowProps) {
  return (
    <>
      <FitText text={instance} widthPx={nameWidth} fontPx={0.75 * rem} minFontPx={0.625 * rem} />
      {COLUMNS.map((column) => (
        <Meter key={column} ratio={machine[column]} />
      ))}
      <span>{formatUnit(machine.load ?? Number.NaN, 'short')}</span>
    </>
  );
}

function Meter({ ratio }: { ratio: number | undefined }) {
  const value = ratio ?? Number.NaN;
  const state = value >= CRITICAL_FROM ? 'critical' : value >= WARNING_FROM ? 'warning' : undefined;
  const percent = Number.isNaN(value) ? 0 : Math.min(100, value * 100);
  return (
    <span className={styles.meter}>
      <span className={styles.track}>
        <span className={styles.bar} data-state={state} style={{ width: `${percent}%` }} />
      </span>
      {formatUnit(Math.round(value * 100) / 100, 'ratio')}
    </span>
  );
}
