/**
 * Why a score is what it is: parts whose losses add up to 100 − score. Everything is read at the instant at which the score
 * was recorded, so that an evaluation under way does not mix two of them.
 */
import type { HealthExplanation, HealthPart } from '@watchroom/contract';
import type { Labels } from '@watchroom/model';
import { CAP_ALLOWANCE } from './score-rules.ts';
import { HEALTH_COMPONENTS } from './settings.ts';

export interface HealthSample {
  readonly labels: Labels;
  readonly value: number;
}

export interface ExplainOptions {
  readonly service: string;
  readonly timeMs: number;
  /** An instant query that gives a vector. */
  readonly query: (promql: string, timeMs: number) => Promise<readonly HealthSample[]>;
}

/** A difference below it is rounding. */
const TOLERANCE = 1e-9;
const MIN_COVERAGE = 0.5;

const SIGNALS: Readonly<Record<string, { metric: string; unit: HealthPart['unit'] }>> = {
  availability: { metric: 'svc:burn2m', unit: 'burn' },
  latency: { metric: 'svc:apdex2m', unit: 'ratio' },
  tail: { metric: 'svc:latency:p99_2m', unit: 'seconds' },
  saturation: { metric: 'svc:saturation:max', unit: 'ratio' },
  instances: { metric: 'svc:up:ratio', unit: 'ratio' },
};

/** What the rules recorded for the service at one instant. */
interface Recorded {
  readonly score: number | undefined;
  readonly coverage: number | undefined;
  readonly up: number | undefined;
  readonly components: ReadonlyMap<string, number>;
  readonly weights: ReadonlyMap<string, number>;
  readonly penalties: ReadonlyMap<string, number>;
  readonly signals: ReadonlyMap<string, number>;
  readonly worst: HealthSample | undefined;
}

/** Rejects when a query does. */
export async function explainHealth(options: ExplainOptions): Promise<HealthExplanation> {
  const { service } = options;
  const select = selectorOf(service);
  const [recordedAt] = await options.query(`timestamp(watchroom:health:score${select})`, options.timeMs);
  const atMs = recordedAt ? Math.round(recordedAt.value * 1000) : options.timeMs;
  const recorded = await read(options, select, atMs);
  const score = recorded.score ?? null;
  const parts = score === null ? componentParts(recorded, select) : scoreParts(recorded, select, score);
  return {
    service,
    atMs,
    score,
    coverage: recorded.coverage ?? null,
    unknown: score === null ? await reason(options, recorded, select) : null,
    parts,
  };
}

async function read({ query }: ExplainOptions, select: string, atMs: number): Promise<Recorded> {
  const one = async (promql: string): Promise<number | undefined> => (await query(promql, atMs))[0]?.value;
  const by = async (promql: string, label: string): Promise<Map<string, number>> =>
    new Map((await query(promql, atMs)).map(({ labels, value }) => [labels.get(label), value]));
  const signals = new Map<string, number>();
  for (const [component, { metric }] of Object.entries(SIGNALS)) {
    const value = await one(metric + select);
    if (value !== undefined) signals.set(component, value);
  }
  return {
    score: await one(`watchroom:health:score${select}`),
    coverage: await one(`watchroom:health:coverage${select}`),
    up: signals.get('instances'),
    components: await by(`watchroom:health:component${select}`, 'component'),
    weights: await by('watchroom:health:weight', 'component'),
    penalties: await by(`watchroom:health:penalty${select}`, 'penalty'),
    signals,
    worst: (await query(worstQuery(select), atMs))[0],
  };
}

/** Why there is no score. */
async function reason(
  { query, timeMs }: ExplainOptions,
  { components, up }: Recorded,
  select: string,
): Promise<HealthExplanation['unknown']> {
  if (components.size > 0) return 'low_coverage';
  if (up !== undefined) return 'no_data';
  return (await query(`count(up${select})`, timeMs)).length > 0 ? 'no_data' : 'no_service';
}

/** The losses add up to 100 − score. */
function scoreParts(recorded: Recorded, select: string, score: number): HealthPart[] {
  const { coverage, up, penalties } = recorded;
  const components = componentParts(recorded, select);
  if (up === 0 && !((coverage ?? 0) >= MIN_COVERAGE)) {
    const rest = components.map((part) => ({ ...part, loss: 0 }));
    return [downPart(select, 100 - score), ...rest];
  }
  const mean = 100 - sum(components.map((part) => part.loss));
  const parts = [...components];
  const cap = lowestCap(recorded);
  if (cap && cap.value < mean) parts.push(capPart(cap, mean - cap.value, select));
  for (const [id, points] of penalties) parts.push(penaltyPart(id, points, select));
  const clamped = 100 - score - sum(parts.map((part) => part.loss));
  if (Math.abs(clamped) > TOLERANCE) parts.push(clampPart(clamped));
  return parts;
}

function componentParts(recorded: Recorded, select: string): HealthPart[] {
  const { components, weights } = recorded;
  const present = sum([...components.keys()].map((id) => weights.get(id) ?? 0));
  const ids = [...components.keys()].sort((a, b) => rank(a) - rank(b));
  return ids.map((id) => {
    const share = present > 0 ? (weights.get(id) ?? 0) / present : 0;
    const component = components.get(id)!;
    const signal = SIGNALS[id];
    return {
      id,
      kind: 'component',
      loss: share * (100 - component),
      score: component,
      weight: 100 * share,
      query: signal
        ? signal.metric + select
        : `watchroom:health:component${withLabel(select, 'component', id)}`,
      value: signal ? (recorded.signals.get(id) ?? null) : component,
      unit: signal?.unit ?? 'points',
      ...(id === 'saturation' ? worstOf(recorded.worst, select) : {}),
    };
  });
}

/** The resource that is fullest; its query says so itself. */
function worstOf(worst: HealthSample | undefined, select: string): Partial<HealthPart> {
  if (!worst) return {};
  const names = { resource: worst.labels.get('resource'), instance: worst.labels.get('instance') };
  return { query: worstQuery(select), value: worst.value, worst: names };
}

interface Cap {
  readonly component: string;
  readonly value: number;
}

function lowestCap({ components }: Recorded): Cap | undefined {
  let lowest: Cap | undefined;
  for (const [component, allowance] of Object.entries(CAP_ALLOWANCE)) {
    const value = (components.get(component) ?? Number.NaN) + (allowance ?? 0);
    if (value < (lowest?.value ?? Number.POSITIVE_INFINITY)) lowest = { component, value };
  }
  return lowest;
}

function capPart(cap: Cap, loss: number, select: string): HealthPart {
  const query = `${CAP_ALLOWANCE[cap.component]} + watchroom:health:component${withLabel(select, 'component', cap.component)}`;
  return {
    id: 'cap',
    kind: 'cap',
    by: cap.component,
    loss,
    score: null,
    weight: null,
    query,
    value: cap.value,
    unit: 'points',
  };
}

function penaltyPart(id: string, points: number, select: string): HealthPart {
  const query = `watchroom:health:penalty${withLabel(select, 'penalty', id)}`;
  return {
    id,
    kind: 'penalty',
    loss: points,
    score: null,
    weight: null,
    query,
    value: points,
    unit: 'points',
  };
}

function downPart(select: string, loss: number): HealthPart {
  return {
    id: 'down',
    kind: 'down',
    loss,
    score: null,
    weight: null,
    query: `svc:up:ratio${select}`,
    value: 0,
    unit: 'ratio',
  };
}

/** What lies outside 0–100, or was not explained by the rest because somebody changed the rules. */
function clampPart(loss: number): HealthPart {
  return {
    id: 'clamp',
    kind: 'clamp',
    loss,
    score: null,
    weight: null,
    query: '',
    value: null,
    unit: 'none',
  };
}

const rank = (id: string): number => {
  const at = (HEALTH_COMPONENTS as readonly string[]).indexOf(id);
  return at < 0 ? HEALTH_COMPONENTS.length : at;
};
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const selectorOf = (service: string): string => `{service=${JSON.stringify(service)}}`;
const withLabel = (select: string, name: string, value: string): string =>
  `${select.slice(0, -1)},${name}=${JSON.stringify(value)}}`;
const worstQuery = (select: string): string =>
  `topk(1, max by (resource, instance) (svc_saturation_ratio${select}))`;
