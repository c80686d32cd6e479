import type { Labels } from '../../api/index.ts';
import styles from './Targets.module.css';

/** Labels as they are written in PromQL, by name. */
export function LabelSet({ labels, without = [] }: { labels: Labels; without?: readonly string[] }) {
  const shown = Object.entries(labels)
    .filter(([name]) => !without.includes(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return (
    <ul className={styles.labels}>
      {shown.map(([name, value]) => (
        <li key={name}>
          <code>
            <span className={styles.labelName}>{name}</span>="{value}"
          </code>
        </li>
      ))}
    </ul>
  );
}
