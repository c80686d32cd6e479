import { formatUnit, NO_VALUE, type WindowSeries } from '@watchroom/chart-data';
import { memo, useCallback } from 'react';
import { Link } from 'react-router';
import { Sparkline } from '../../charts/Sparkline.tsx';
import { FitText, STATE_SHORT, STATE_WORD, StateShape } from '../../components/index.ts';
import { type FittedName, NAME_LINE } from '../../design/fit-names.ts';
import { formatAge, formatScore } from '../../i18n/format.ts';
import { useI18n } from '../../i18n/i18n.tsx';
import type { LiveQuery } from '../../live/index.ts';
import { AGE_WEIGHT, type AgeMark, ageMark } from './age-mark.ts';
import { signalText } from './signal-text.ts';
import styles from './Tile.module.css';
import { NAME_WEIGHT, type TileMetrics, tileMetrics } from './tile-metrics.ts';
import { sameTile, type TileModel } from './tile-model.ts';
import { tileNames } from './tile-names.ts';
import type { Density } from './wall-layout.ts';

export interface TileProps {
  readonly tile: TileModel;
  readonly density: Density;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly rem: number;
  readonly scoreQuery: LiveQuery | undefined;
  /** Undefined: fitted by itself. */
  readonly name?: FittedName | undefined;
}

/** One service on the wall. Everything in it is sized in pixels from the layout, so that nothing can be clipped. */
export const Tile = memo(
  function Tile(props: TileProps) {
    const { tile, density, width, height, rem } = props;
    const { t, locale } = useI18n();
    const m = tileMetrics(density, width, height, rem);
    const signal = signalText(tile, t, locale);
    const age = tile.ageS === undefined ? undefined : formatAge(t, tile.ageS * 1000);
    const title = t('wall.tile.open', {
      service: tile.service,
      state: t(STATE_WORD[tile.state]),
      score: formatScore(tile.score),
      signal: tile.late && age ? `${signal}. ${t('age.late', { age })}` : signal,
    });
    return (
      <Link
        to={`/d/service/${encodeURIComponent(tile.service)}`}
        className={styles.tile}
        data-density={density}
        data-state={tile.state}
        data-late={tile.late}
        data-service={tile.service}
        title={title}
        style={{ padding: m.pad, gap: m.gap }}
      >
        {density === 'micro' ? (
          <Micro {...props} m={m} age={age} />
        ) : (
          <Full {...props} m={m} age={age} signal={signalText(tile, t, locale, density !== 'large')} />
        )}
      </Link>
    );
  },
  (before, after) =>
    sameTile(before.tile, after.tile) &&
    before.density === after.density &&
    before.width === after.width &&
    before.height === after.height &&
    before.rem === after.rem &&
    before.scoreQuery === after.scoreQuery &&
    sameName(before.name, after.name),
);

function sameName(one: FittedName | undefined, other: FittedName | undefined): boolean {
  return one?.fontPx === other?.fontPx && one?.lines.join('\n') === other?.lines.join('\n');
}

interface PartProps extends TileProps {
  readonly m: TileMetrics;
  readonly age: string | undefined;
}

function Mark({ tile, m, short }: { tile: TileModel; m: TileMetrics; short: boolean }) {
  const { t } = useI18n();
  return (
    <span className={styles.mark} style={{ fontSize: m.small }}>
      <StateShape state={tile.state} />
      {t((short ? STATE_SHORT : STATE_WORD)[tile.state])}
    </span>
  );
}

/** Grey while it is fresh; with clock and word in the colour of lateness when it is not. */
function Age({ tile, mark }: { tile: TileModel; mark: AgeMark | undefined }) {
  if (!mark) return null;
  const fontWeight = tile.late ? AGE_WEIGHT.late : AGE_WEIGHT.fresh;
  return (
    <span className={tile.late ? styles.lateMark : styles.age} style={{ fontSize: mark.fontPx, fontWeight }}>
      {tile.late && <StateShape state="late" />}
      {mark.text}
    </span>
  );
}

/** A tile that is late as a whole says so in its state; beside another one the age needs the word. */
function useAgeMark({ tile, m, age }: PartProps, widthPx: number): AgeMark | undefined {
  const { t } = useI18n();
  if (age === undefined) return undefined;
  const word = tile.late && tile.state !== 'late' ? t('state.late') : undefined;
  return ageMark(age, tile.late, word, { widthPx, fontPx: m.small });
}

/** The box has the height of the highest name, so that names of different sizes stand on one line across a row of tiles. */
function Name({
  tile,
  density,
  width,
  height,
  rem,
  m,
  weight,
  ...props
}: PartProps & { readonly weight: number }) {
  const { service } = tile;
  const name =
    props.name ?? tileNames([service], { density, tileWidth: width, tileHeight: height }, rem).get(service);
  if (!name) return null;
  const style = { height: m.nameHeight, fontSize: name.fontPx, fontWeight: weight, lineHeight: NAME_LINE };
  return (
    <span className={styles.name} style={style} data-name>
      <span aria-hidden={name.cut}>
        {name.lines.map((line, i) => (
          <span key={line} className={i > 0 ? styles.secondLine : undefined}>
            {line}
          </span>
        ))}
      </span>
      {name.cut && <span className="visually-hidden">{service}</span>}
    </span>
  );
}

function Trend({ tile, scoreQuery, m }: PartProps) {
  const { t } = useI18n();
  const { service } = tile;
  const pick = useCallback((series: WindowSeries) => series.labels['service'] === service, [service]);
  if (!scoreQuery || m.sparkWidth < 24) return null;
  return (
    <span className={styles.trend}>
      <Sparkline
        query={scoreQuery}
        pick={pick}
        width={m.sparkWidth}
        height={m.sparkHeight}
        min={0}
        max={100}
        label={t('wall.trend')}
      />
    </span>
  );
}

function Micro(props: PartProps) {
  const { tile, m } = props;
  const mark = useAgeMark(props, m.innerWidth);
  return (
    <>
      <Name {...props} weight={NAME_WEIGHT.micro} />
      <span className={styles.line}>
        {tile.late && mark ? (
          <Age tile={tile} mark={mark} />
        ) : (
          <>
            <Mark tile={tile} m={m} short />
            <span className={styles.score} style={{ fontSize: m.score }}>
              {formatScore(tile.score)}
            </span>
          </>
        )}
      </span>
      {m.sparkHeight > 0 && <Trend {...props} />}
    </>
  );
}

/** Of the last line's width; what is left tells what is wrong. */
const MOST_FOR_AGE = 0.6;
/** Between them, in units of the font. */
const FOOT_GAP = 0.5;

function Full(props: PartProps & { readonly signal: string }) {
  const { tile, density, m, signal } = props;
  const mark = useAgeMark(props, m.innerWidth * MOST_FOR_AGE);
  return (
    <>
      <span className={styles.head}>
        <Name {...props} weight={NAME_WEIGHT[density]} />
        {density !== 'compact' && <Mark tile={tile} m={m} short={false} />}
      </span>
      <span className={styles.body}>
        <span className={styles.score} style={{ fontSize: m.score, width: m.scoreWidth }}>
          {formatScore(tile.score)}
        </span>
        {density === 'compact' && <Mark tile={tile} m={m} short />}
        <Trend {...props} />
      </span>
      {density === 'large' && <Stats tile={tile} m={m} />}
      <span className={styles.foot}>
        <FitText
          text={signal}
          widthPx={m.innerWidth - (mark ? mark.widthPx + m.small * FOOT_GAP : 0)}
          fontPx={m.small}
          minFontPx={m.small * 0.85}
          className={tile.worst === undefined ? styles.fine : styles.signal}
        />
        <Age tile={tile} mark={mark} />
      </span>
    </>
  );
}

function Stats({ tile, m }: { tile: TileModel; m: TileMetrics }) {
  const { t, locale } = useI18n();
  const none = Number.NaN;
  const rateText = (rate: number) =>
    Number.isNaN(rate) ? NO_VALUE : t('wall.rate.value', { rate: formatUnit(rate, 'short', locale) });
  const stats = [
    { name: t('wall.p50'), text: formatUnit(tile.p50 ?? none, 'seconds', locale) },
    { name: t('wall.p90'), text: formatUnit(tile.p90 ?? none, 'seconds', locale) },
    { name: t('wall.p99'), text: formatUnit(tile.p99 ?? none, 'seconds', locale) },
    // Short, as the word is above it: four columns are all that a tile has room for.
    { name: t('wall.rate'), text: rateText(tile.rate ?? none) },
  ];
  return (
    <span className={styles.stats} style={{ fontSize: m.small }}>
      {stats.map(({ name, text }) => (
        <span key={name} className={styles.stat}>
          <span className={styles.statName}>{name}</span>
          {text}
        </span>
      ))}
    </span>
  );
}
