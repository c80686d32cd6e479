import type { ReactNode } from 'react';
import { cx } from '../design/cx.ts';
import { useT } from '../i18n/i18n.tsx';
import { Icon } from './Icon.tsx';
import styles from './Table.module.css';

export interface Column<Row> {
  readonly key: string;
  readonly title: string;
  readonly cell: (row: Row) => ReactNode;
  readonly numeric?: boolean;
  readonly sortable?: boolean;
}

export interface Sort {
  readonly key: string;
  readonly descending: boolean;
}

export interface TableProps<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  /** The caller sorts the rows; the table shows and asks. */
  readonly sort?: Sort;
  readonly onSort?: (sort: Sort) => void;
  readonly empty?: ReactNode;
  /** On a phone each row is a card; the caller's style tells by `data-column` where its cells go. */
  readonly cards?: boolean;
}

export function Table<Row>(props: TableProps<Row>) {
  const { caption, columns, rows, rowKey, sort, onSort, empty, cards = false } = props;
  const t = useT();
  return (
    <section className={styles.scroll} aria-label={caption}>
      <table className={cx(styles.table, cards && styles.cards)}>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => {
              const active = sort?.key === column.key;
              const direction = active ? (sort.descending ? 'descending' : 'ascending') : undefined;
              return (
                <th
                  key={column.key}
                  scope="col"
                  aria-sort={direction}
                  className={cx(column.numeric && styles.numeric)}
                >
                  {column.sortable && onSort ? (
                    <button
                      type="button"
                      className={styles.sort}
                      aria-label={t('table.sortBy', { column: column.title })}
                      onClick={() => onSort({ key: column.key, descending: active && !sort.descending })}
                    >
                      {column.title}
                      {active && <Icon name={sort.descending ? 'down' : 'up'} />}
                    </button>
                  ) : (
                    column.title
                  )}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column) => (
                <td
                  key={column.key}
                  data-column={column.key}
                  data-title={column.title}
                  className={cx(column.numeric && styles.numeric)}
                >
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 && empty}
    </section>
  );
}
