/** The fleet's only source of chance: a seeded generator and the few distributions the traffic model draws from. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** An integer in [0, n). */
  below(n: number): number;
  normal(): number;
  /** Count of events with the given mean: Knuth's product below 30, the rounded normal above. */
  poisson(mean: number): number;
  /** Successes among n trials of probability p. */
  binomial(n: number, p: number): number;
  logNormal(median: number, sigma: number): number;
}

/** mulberry32 (Tommy Ettinger, public domain): 32 bits of state, the same sequence for the same seed. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function createRandom(seed: number): Random {
  const next = mulberry32(seed);

  function normal(): number {
    return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  }

  function poisson(mean: number): number {
    if (mean <= 0) return 0;
    if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = next(); product > limit; product *= next()) count += 1;
    return count;
  }

  function binomial(n: number, p: number): number {
    if (p <= 0) return 0;
    if (p >= 1) return n;
    let count = 0;
    for (let i = 0; i < n; i++) if (next() < p) count += 1;
    return count;
  }

  return {
    next,
    below: (n) => Math.floor(next() * n),
    normal,
    poisson,
    binomial,
    logNormal: (median, sigma) => median * Math.exp(sigma * normal()),
  };
}

/** In place, Fisher–Yates. */
export function shuffle<T>(items: T[], random: Random): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const kept = items[i] as T;
    items[i] = items[j] as T;
    items[j] = kept;
  }
}
