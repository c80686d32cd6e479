/** One socket and its session: validates what comes in, counts what is wrong, tells when there is room again. */
import { paintReportSchema, subscribeSchema, unsubscribeSchema } from '@watchroom/contract';
import type { ClientSession, LiveHub } from '@watchroom/live';
import type { Clock } from '@watchroom/model';
import type { Socket } from 'socket.io';
import type { z } from 'zod';
import { isBackedUp } from './backpressure.ts';
import type { LinkCounters } from './counters.ts';
import { TokenBucket } from './token-bucket.ts';

/** A page with the most channels subscribes to all of them at once after a cut. */
const BURST = 1200;
const MESSAGES_PER_SECOND = 50;
const MOST_BAD_MESSAGES = 20;

export function link(options: {
  readonly socket: Socket;
  readonly hub: LiveHub;
  readonly clock: Clock;
  readonly counters: LinkCounters;
}): void {
  const { socket, hub, clock, counters } = options;
  const session = hub.connect({
    send: (event, message) => void socket.emit(event, message),
    isBackedUp: () => isBackedUp(socket),
  });
  const bucket = new TokenBucket(BURST, MESSAGES_PER_SECOND, clock.monotonic());
  let badMessages = 0;
  const drained = () => session.drained();
  socket.conn.on('drain', drained);
  const bad = (id: string, reason: string) => {
    counters.badMessages++;
    session.problem(id, 'bad_message', reason);
    if (++badMessages >= MOST_BAD_MESSAGES) cut(socket, counters);
  };
  const on = <T>(event: string, schema: z.ZodType<T>, take: (session: ClientSession, message: T) => void) => {
    socket.on(event, (message: unknown) => {
      const parsed = schema.safeParse(message);
      if (parsed.success) take(session, parsed.data);
      else bad(idOf(message), `${event}: ${describe(parsed.error)}`);
    });
  };
  socket.use((_event, next) => {
    if (bucket.take(clock.monotonic())) next();
    else cut(socket, counters);
  });
  on('subscribe', subscribeSchema, (to, message) => to.subscribe(message));
  on('unsubscribe', unsubscribeSchema, (to, { id }) => to.unsubscribe(id));
  on('painted', paintReportSchema, (to, message) => to.painted(message));
  socket.on('clock', (answer: unknown) => {
    if (typeof answer === 'function') answer(hub.now());
    else bad('', 'clock: wants a way to answer');
  });
  socket.on('disconnect', () => {
    socket.conn.off('drain', drained);
    session.close();
  });
}

function cut(socket: Socket, counters: LinkCounters): void {
  // What had come in with the last message is still handed over.
  if (!socket.connected) return;
  counters.cut++;
  socket.disconnect(true);
}

/** The channel that a broken message speaks of, as far as it can be told. */
function idOf(message: unknown): string {
  const id: unknown = Reflect.get(Object(message), 'id');
  return typeof id === 'string' ? id.slice(0, 100) : '';
}

function describe(error: z.ZodError): string {
  return error.issues
    .slice(0, 3)
    .map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message))
    .join('; ');
}
