import { Menu } from '../../components/index.ts';
import { useT } from '../../i18n/i18n.tsx';
import { downloadText } from './download.ts';
import styles from './Explore.module.css';
import { fileName } from './export.ts';

export interface ExportMenuProps {
  readonly letter: string;
  readonly csv: () => string;
  readonly json: () => string;
  /** Saves a picture under the name. */
  readonly png?: ((name: string) => void) | undefined;
}

export function ExportMenu({ letter, csv, json, png }: ExportMenuProps) {
  const t = useT();
  const label = t('explore.export', { letter });
  const name = (ending: string): string => fileName(letter, Date.now(), ending);
  return (
    <Menu
      label={label}
      trigger={null}
      buttonProps={{
        icon: 'download',
        size: 'small',
        'aria-label': label,
        title: label,
        className: styles.square ?? '',
      }}
      items={[
        {
          key: 'csv',
          label: t('explore.export.csv'),
          onSelect: () => downloadText(name('csv'), 'text/csv', csv()),
        },
        {
          key: 'json',
          label: t('explore.export.json'),
          onSelect: () => downloadText(name('json'), 'application/json', json()),
        },
        ...(png ? [{ key: 'png', label: t('explore.export.png'), onSelect: () => png(name('png')) }] : []),
      ]}
    />
  );
}
