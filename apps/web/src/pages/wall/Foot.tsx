import { AlertsPanel } from './AlertsPanel.tsx';
import { MachinesPanel } from './MachinesPanel.tsx';
import { ResourcePanel } from './ResourcePanel.tsx';
import styles from './Wall.module.css';

export interface FootProps {
  readonly width: number;
  readonly height: number;
  readonly gap: number;
  readonly rem: number;
}

/** Two panels side by side need this much. */
const SIDE_BY_SIDE_REM = 36;

/** Under the tiles of an upright screen: the panels of the rail, side by side; on a phone only the ones that matter most. */
export function Foot({ width, height, gap, rem }: FootProps) {
  const narrow = width < SIDE_BY_SIDE_REM * rem;
  return (
    <div className={styles.foot} data-narrow={narrow || undefined} style={{ height, gap }}>
      <div className={styles.footColumn} style={{ gap }}>
        <AlertsPanel most={5} className={styles.grow} />
        <MachinesPanel most={2} />
      </div>
      {!narrow && <ResourcePanel className={styles.grow} />}
    </div>
  );
}
