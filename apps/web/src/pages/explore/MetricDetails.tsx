import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { fetchSeries, type Labels, type TimeSpan } from '../../api/index.ts';
import { Badge, Button, ErrorState, Field, Icon, Loading, Select } from '../../components/index.ts';
import type { MessageKey } from '../../i18n/en.ts';
import { useI18n, useT } from '../../i18n/i18n.tsx';
import styles from './MetricBrowser.module.css';
import {
  type Choice,
  chosen,
  countLabels,
  type LabelCount,
  type MetricEntry,
  narrowed,
  type Recipe,
  recipesOf,
  recipeText,
  selectorText,
} from './metric-browser.ts';

export interface MetricDetailsProps {
  readonly metric: MetricEntry;
  readonly span: TimeSpan;
  readonly onBack: () => void;
  readonly onInsert: (text: string) => void;
  readonly onAdd: (text: string) => void;
}

const MOST_SERIES = 10_000;
const RECIPE_KEYS: Readonly<Record<Recipe, MessageKey>> = {
  plain: 'explore.recipe.plain',
  rate: 'explore.recipe.rate',
  sum: 'explore.recipe.sum',
  p99: 'explore.recipe.p99',
};

export function MetricDetails(props: MetricDetailsProps) {
  const { metric, span } = props;
  const t = useT();
  const selector = selectorText(metric.name, new Map());
  const answer = useQuery({
    queryKey: ['metric-series', metric.name, span.fromMs, span.toMs],
    queryFn: ({ signal }) => fetchSeries({ ...span, selector, limit: MOST_SERIES }, signal),
    placeholderData: (before, former) => (former?.queryKey[1] === metric.name ? before : undefined),
    staleTime: 60_000,
  });
  return (
    <div className={styles.browser}>
      <div>
        <Button variant="ghost" size="small" icon="left" onClick={props.onBack}>
          {t('explore.metrics.back')}
        </Button>
      </div>
      <header className={styles.title}>
        <h3>
          <code>{metric.name}</code>
        </h3>
        <Badge>{metric.type}</Badge>
        {metric.unit !== '' && <Badge>{t('explore.metrics.unit', { unit: metric.unit })}</Badge>}
      </header>
      <p className={styles.helpText}>{metric.help || t('explore.metrics.noHelp')}</p>
      {answer.error && (
        <ErrorState
          title={t('explore.metrics.failed')}
          detail={answer.error.message}
          onRetry={() => void answer.refetch()}
        />
      )}
      {!answer.data && !answer.error && <Loading />}
      {answer.data && <Builder {...props} series={answer.data} />}
    </div>
  );
}

export function Builder({
  metric,
  series,
  onInsert,
  onAdd,
}: Omit<MetricDetailsProps, 'span' | 'onBack'> & { series: readonly Labels[] }) {
  const { t, locale } = useI18n();
  const [choice, setChoice] = useState<Choice>(new Map());
  const [filter, setFilter] = useState('');
  const recipes = recipesOf(metric);
  const [recipe, setRecipe] = useState<Recipe>('plain');
  const labels = useMemo(() => countLabels(series), [series]);
  const left = useMemo(() => narrowed(series, choice), [series, choice]);
  const selector = selectorText(metric.name, choice);
  const text = recipeText(recipe, selector, metric);
  const whole = new Intl.NumberFormat(locale);
  return (
    <>
      <p className={styles.quiet} role="status">
        {t(series.length >= MOST_SERIES ? 'explore.metrics.seriesCut' : 'explore.metrics.series', {
          n: whole.format(left.length),
          all: whole.format(series.length),
        })}
      </p>
      {labels.length > 0 && (
        <Field
          label={t('explore.metrics.filter')}
          type="search"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
      )}
      <ul className={styles.labels}>
        {labels.map((label) => (
          <LabelValues
            key={label.name}
            label={label}
            filter={filter.trim().toLowerCase()}
            picked={choice.get(label.name)}
            onToggle={(value) => setChoice(chosen(choice, label.name, value))}
          />
        ))}
      </ul>
      <div className={styles.result}>
        <Select<Recipe>
          label={t('explore.metrics.recipe')}
          value={recipe}
          onChange={setRecipe}
          options={recipes.toReversed().map((value) => ({ value, label: t(RECIPE_KEYS[value]) }))}
        />
        <code className={styles.preview}>{text}</code>
        <div className={styles.actions}>
          <Button onClick={() => onInsert(text)}>{t('explore.metrics.putIn')}</Button>
          <Button variant="primary" icon="play" onClick={() => onAdd(text)}>
            {t('explore.metrics.runIt')}
          </Button>
        </div>
      </div>
    </>
  );
}

const FEW_VALUES = 8;

function LabelValues({
  label,
  filter,
  picked,
  onToggle,
}: {
  label: LabelCount;
  filter: string;
  picked: ReadonlySet<string> | undefined;
  onToggle: (value: string) => void;
}) {
  const { t, locale } = useI18n();
  const [all, setAll] = useState(false);
  const whole = new Intl.NumberFormat(locale);
  const named = label.name.toLowerCase().includes(filter);
  const values = label.values.filter(({ value }) => named || value.toLowerCase().includes(filter));
  if (values.length === 0) return null;
  const shown = all ? values : values.slice(0, FEW_VALUES);
  return (
    <li>
      <h4 className={styles.labelName}>
        {label.name}
        {label.values.length > 1 && (
          <span className={styles.quiet}>
            {t('explore.metrics.values', { n: whole.format(label.values.length) })}
          </span>
        )}
      </h4>
      <div className={styles.values}>
        {shown.map(({ value, series }) => (
          <button
            key={value}
            type="button"
            className={styles.value}
            aria-pressed={picked?.has(value) === true}
            onClick={() => onToggle(value)}
          >
            {picked?.has(value) === true && <Icon name="check" />}
            <span className={styles.valueText}>{value === '' ? '""' : value}</span>
            <span className={styles.count}>{whole.format(series)}</span>
          </button>
        ))}
        {values.length > shown.length && (
          <Button size="small" variant="ghost" onClick={() => setAll(true)}>
            {t('explore.metrics.moreValues', { n: whole.format(values.length - shown.length) })}
          </Button>
        )}
      </div>
    </li>
  );
}
