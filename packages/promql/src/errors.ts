/** Why a query gives no answer; the texts are Prometheus'. A ParseError comes from the parser. */

/** The query is understood but cannot be computed (API: 422 execution). */
export class ExecutionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ExecutionError';
  }
}

/** The query ran past its deadline (API: 503 timeout). */
export class QueryTimeoutError extends Error {
  constructor(where = 'expression evaluation') {
    super(`query timed out in ${where}`);
    this.name = 'QueryTimeoutError';
  }
}

/** The caller went away (API: 503 canceled). */
export class QueryCanceledError extends Error {
  constructor(where = 'expression evaluation') {
    super(`query was canceled in ${where}`);
    this.name = 'QueryCanceledError';
  }
}

/** The query would hold more samples than allowed (API: 422 execution). */
export class TooManySamplesError extends Error {
  constructor() {
    super('query processing would load too many samples into memory in query execution');
    this.name = 'TooManySamplesError';
  }
}

/** As many queries wait as may (API: 503 unavailable). */
export class QueryQueueFullError extends Error {
  constructor(waiting: number) {
    super(`too many queries are waiting (${waiting}); try again later`);
    this.name = 'QueryQueueFullError';
  }
}
