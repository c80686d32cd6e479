/** A body that is not what its headers say: where and why. The sender cannot do better by trying again. */
export class MalformedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MalformedError';
  }
}

/** A request beyond what one may hold; smaller ones would do. */
export class RequestTooLargeError extends Error {
  constructor(message: string) {
    super(`${message}; send smaller requests`);
    this.name = 'RequestTooLargeError';
  }
}
