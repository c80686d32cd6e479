/** One client's view of a shared query: what it has been told, what it is owed. */
import type { Have, QueryFrame } from '@watchroom/contract';
import type { ClientChannel } from './channel.ts';
import type { LiveProblem } from './evaluate.ts';
import type { Outbox, Sender } from './outbox.ts';
import type { QueryListener, SharedQuery, Update } from './shared-query.ts';
import type { LiveStats } from './stats.ts';

export interface SubscriptionContext {
  readonly channel: ClientChannel;
  readonly outbox: Outbox;
  readonly stats: LiveStats;
  readonly epoch: string;
  readonly now: () => number;
}

/** Points from `fromMs` on are owed; Infinity when only the head is. */
interface Owed {
  kind: QueryFrame['kind'];
  fromMs: number;
  fedAtMs: number | undefined;
  removed: readonly number[];
  warnings: boolean;
}

export class QuerySubscription implements QueryListener, Sender {
  readonly id: string;
  readonly shared: SharedQuery;
  readonly #context: SubscriptionContext;
  readonly #onProblem: (problem: LiveProblem) => void;
  #told: string | undefined;
  #have: Have | undefined;
  #open = false;
  #owed: Owed | undefined;
  #seq = 0;
  #toldKey = 0;

  constructor(options: {
    id: string;
    shared: SharedQuery;
    have: Have | undefined;
    context: SubscriptionContext;
    onProblem: (problem: LiveProblem) => void;
  }) {
    this.id = options.id;
    this.shared = options.shared;
    this.#have = options.have;
    this.#context = options.context;
    this.#onProblem = options.onProblem;
  }

  start(): void {
    this.shared.listeners.add(this);
    if (this.shared.ready) this.#begin();
    if (this.shared.problem) this.failed(this.shared.problem);
  }

  close(): void {
    this.shared.listeners.delete(this);
    this.#context.outbox.withdraw(this);
  }

  updated(update: Update): void {
    this.#told = undefined;
    if (!this.#open || update.reset) {
      this.#begin();
      return;
    }
    const { outbox, stats } = this.#context;
    if (!this.#owed && outbox.isClear()) {
      this.#frame(owe(Number.POSITIVE_INFINITY, update), update);
      return;
    }
    if (this.#owed) stats.merged++;
    this.#merge(update);
    outbox.offer(this);
  }

  /** A query that fails the same way each time is reported once, until it has worked again. */
  failed(problem: LiveProblem): void {
    if (this.#told === problem.message) return;
    this.#told = problem.message;
    this.#onProblem(problem);
  }

  /** Sends everything owed as it is now. */
  send(): void {
    const owed = this.#owed;
    if (!owed) return;
    const { columns } = this.shared;
    const whole = owed.kind !== 'delta';
    const block = Number.isFinite(owed.fromMs) ? columns.block(owed.fromMs, !whole) : undefined;
    this.#owed = undefined;
    this.#frame(owed, { block, series: columns.series(whole ? 0 : this.#toldKey), head: columns.head() });
  }

  #begin(): void {
    const { epoch, outbox } = this.#context;
    const have = this.#have;
    this.#have = undefined;
    const fillMs = have && !this.#open ? this.shared.fillFrom(have.toMs, have.epoch === epoch) : undefined;
    this.#open = true;
    this.#owed = {
      kind: fillMs === undefined ? 'snapshot' : 'fill',
      fromMs: fillMs ?? Number.NEGATIVE_INFINITY,
      fedAtMs: this.shared.fedAtMs,
      removed: [],
      warnings: true,
    };
    if (fillMs === undefined) this.#owed.fromMs = this.shared.columns.fromMs;
    outbox.offer(this);
  }

  #merge(update: Update): void {
    const owed = this.#owed;
    if (!owed) {
      this.#owed = owe(update.changedFromMs, update);
      return;
    }
    owed.fromMs = Math.min(owed.fromMs, update.changedFromMs);
    owed.fedAtMs = update.fedAtMs ?? owed.fedAtMs;
    owed.warnings ||= update.warnings !== undefined;
    if (owed.kind === 'delta') owed.removed = [...owed.removed, ...update.removed];
  }

  #frame(owed: Owed, { block, series, head }: Pick<Update, 'block' | 'series' | 'head'>): void {
    const { channel, stats, epoch, now } = this.#context;
    const { columns } = this.shared;
    const told = this.#toldKey;
    const removed = owed.removed.filter((key) => key <= told);
    this.#toldKey = columns.lastKey;
    stats[COUNTERS[owed.kind]]++;
    channel.send('frame', {
      id: this.id,
      kind: owed.kind,
      epoch,
      seq: ++this.#seq,
      serverMs: now(),
      fromMs: columns.fromMs,
      toMs: columns.toMs,
      series,
      ...(removed.length > 0 ? { removed } : {}),
      block,
      head,
      fedAtMs: owed.fedAtMs,
      ...(owed.warnings ? { warnings: this.shared.warnings } : {}),
    });
  }
}

const COUNTERS = { snapshot: 'snapshots', fill: 'fills', delta: 'deltas' } as const;

function owe(fromMs: number, update: Update): Owed {
  const { fedAtMs, removed, warnings } = update;
  return { kind: 'delta', fromMs, fedAtMs, removed, warnings: warnings !== undefined };
}
