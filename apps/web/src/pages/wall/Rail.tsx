import { AlertsPanel } from './AlertsPanel.tsx';
import { MachinesPanel } from './MachinesPanel.tsx';
import { ResourcePanel } from './ResourcePanel.tsx';
import styles from './Wall.module.css';

/** Beside the tiles: what fires, where resources run out, the machines underneath. */
export function Rail({ width, gap }: { width: number; gap: number }) {
  return (
    <div className={styles.rail} style={{ width, gap }}>
      <AlertsPanel most={6} />
      <ResourcePanel className={styles.grow} />
      <MachinesPanel most={3} />
    </div>
  );
}
