import { useState } from 'react';
import { Link } from 'react-router';
import { Icon, IconButton, type TimeRangeChoice } from '../components/index.ts';
import { useT } from '../i18n/i18n.tsx';
import { copyText } from './copy-text.ts';
import { exploreLink } from './explore-link.ts';
import styles from './PromqlText.module.css';

const COPIED_MS = 1500;

/** An expression to read, to copy and to open in Explore. Long ones are cut to `lines`; all of it is in the title. */
export function PromqlText({ query, range }: { query: string; range?: TimeRangeChoice | undefined }) {
  const t = useT();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    if (!(await copyText(query))) return;
    setCopied(true);
    setTimeout(() => setCopied(false), COPIED_MS);
  };
  return (
    <span className={styles.promql}>
      <code className={styles.code} title={query}>
        {query.trim().replace(/\s+/g, ' ')}
      </code>
      <IconButton
        size="small"
        icon={copied ? 'check' : 'copy'}
        label={t(copied ? 'promql.copied' : 'promql.copy')}
        onClick={() => void copy()}
      />
      <Link
        className={styles.open}
        to={exploreLink(query.trim(), range)}
        aria-label={t('promql.explore')}
        title={t('promql.explore')}
      >
        <Icon name="search" />
      </Link>
    </span>
  );
}
