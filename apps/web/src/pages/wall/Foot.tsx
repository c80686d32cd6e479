import { AlertsPanel } from './AlertsPanel.tsx';
import { MachinesPanel } from './MachinesPanel.tsx';
import { ResourcePanel } from './ResourcePanel.tsx';
import styles from './Wall.module.css';

/** Under the tiles of an upright screen: the panels of the rail, side by side. */
export function Foot({ height, gap }: { height: number; gap: number }) {
  return (
    <div className={styles.foot} style={{ height, gap }}>
      <div className={styles.footColumn} style={{ gap }}>
        <AlertsPanel most={5} className={styles.grow} />
        <MachinesPanel most={2} />
      </div>
      <ResourcePanel className={styles.grow} />
    </div>
  );
}
