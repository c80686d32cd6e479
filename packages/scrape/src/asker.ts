/** Whose request it is. One of the two is called, once. */
export interface Asker<Result> {
  done(result: Result): void;
  failed(error: unknown): void;
}
