/** A source of target groups that may change while it runs. */
import type { TargetGroup } from '@watchroom/config';

export interface Discoverer {
  /** Begins; settles when the first attempt is over, whether it gave groups or not. */
  start(): Promise<void>;
  /** What is known now. The last good answer stays while newer ones fail. */
  readonly groups: readonly TargetGroup[];
  /** Why the last attempt failed, '' when it did not. */
  readonly lastError: string;
  close(): void;
}
