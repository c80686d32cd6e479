/** A figure that only grows, read by whoever exports it. */
export interface Counter {
  count: number;
}
