/**
 * Errors of Prometheus' HTTP API with their status codes.
 * Source: Prometheus web/api/v1/api.go, returnAPIError and respondError.
 */
import { PatternError } from '@watchroom/model';
import { ParseError, QueryCanceledError, QueryQueueFullError, QueryTimeoutError } from '@watchroom/promql';

export type ErrorType =
  | 'bad_data'
  | 'execution'
  | 'canceled'
  | 'timeout'
  | 'internal'
  | 'unavailable'
  | 'not_found';

const STATUS: Readonly<Record<ErrorType, number>> = {
  bad_data: 400,
  execution: 422,
  canceled: 499,
  timeout: 503,
  internal: 500,
  unavailable: 503,
  not_found: 404,
};

export class ApiError extends Error {
  readonly errorType: ErrorType;

  constructor(errorType: ErrorType, message: string) {
    super(message);
    this.name = 'ApiError';
    this.errorType = errorType;
  }

  get status(): number {
    return STATUS[this.errorType];
  }
}

/** What a query's failure is to a client; a fault of ours is not explained here but logged by the caller. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof ParseError || error instanceof PatternError)
    return new ApiError('bad_data', error.message);
  if (error instanceof QueryTimeoutError) return new ApiError('timeout', error.message);
  if (error instanceof QueryCanceledError) return new ApiError('canceled', error.message);
  if (error instanceof QueryQueueFullError) return new ApiError('unavailable', error.message);
  const named =
    error instanceof Error && (error.name === 'ExecutionError' || error.name === 'TooManySamplesError');
  if (named) return new ApiError('execution', (error as Error).message);
  return new ApiError('internal', 'internal error; the log has the details');
}
