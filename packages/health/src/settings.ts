/** What a configuration says about the health score. */
export const HEALTH_COMPONENTS = ['availability', 'latency', 'tail', 'saturation', 'instances'] as const;
export type HealthComponent = (typeof HEALTH_COMPONENTS)[number];

/** Weights in points; only their proportions count. */
export const DEFAULT_WEIGHTS: Readonly<Record<HealthComponent, number>> = {
  availability: 35,
  latency: 25,
  tail: 10,
  saturation: 20,
  instances: 10,
};

/** What a service promises; what is undefined takes the default objective's value. */
export interface HealthObjective {
  readonly service: string;
  /** Share of requests that succeed, above 0 and below 1. */
  readonly availability?: number | undefined;
  /** Requests within it satisfy, within four times it are tolerated. Both must be bucket bounds of the histogram. */
  readonly latencySeconds?: number | undefined;
  readonly p99Seconds?: number | undefined;
}

/** Holds for every service without an objective of its own. */
export const DEFAULT_OBJECTIVE = { availability: 0.999, latencySeconds: 0.5, p99Seconds: 1 } as const;

export interface HealthRulesOptions {
  readonly objectives?: readonly HealthObjective[];
  readonly weights?: Readonly<Partial<Record<HealthComponent, number>>>;
  /** Distance of evaluations in ms. */
  readonly intervalMs?: number;
}

/** Settings that cannot be used; the message names the setting, its value and the remedy. */
export class HealthSettingsError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'HealthSettingsError';
  }
}

/** Throws HealthSettingsError. */
export function ensureHealthSettings({
  objectives = [],
  weights = {},
  intervalMs = 1,
}: HealthRulesOptions): void {
  for (const [name, weight] of Object.entries(weights)) {
    if (!HEALTH_COMPONENTS.includes(name as HealthComponent))
      throw new HealthSettingsError(
        `weights: unknown component ${JSON.stringify(name)}; known: ${HEALTH_COMPONENTS.join(', ')}`,
      );
    ensurePositive(`weights: ${name}`, weight);
  }
  if (!Number.isInteger(intervalMs) || intervalMs <= 0)
    throw new HealthSettingsError(
      `interval: ${intervalMs} ms is not a positive number of whole milliseconds`,
    );
  const seen = new Set<string>();
  for (const objective of objectives) {
    const where = `objective of ${JSON.stringify(objective.service)}`;
    if (objective.service === '') throw new HealthSettingsError('an objective needs the name of a service');
    if (seen.has(objective.service)) throw new HealthSettingsError(`${where}: stated twice; keep one`);
    seen.add(objective.service);
    ensurePositive(`${where}: latency`, objective.latencySeconds);
    ensurePositive(`${where}: p99`, objective.p99Seconds);
    ensurePositive(`${where}: availability`, objective.availability);
    if ((objective.availability ?? 0) >= 1)
      throw new HealthSettingsError(
        `${where}: availability ${objective.availability} leaves no error budget; write a share below 1, such as 0.999`,
      );
  }
}

function ensurePositive(what: string, value: number | undefined): void {
  if (value !== undefined && !(Number.isFinite(value) && value > 0))
    throw new HealthSettingsError(`${what}: ${value} is not a positive number`);
}
