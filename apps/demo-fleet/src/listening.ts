import type { Server } from 'node:http';

/** A port that cannot be had: the message is one line for the person at the terminal. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** Resolves once the server accepts connections. */
export function listen(server: Server, host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => reject(new ListenError(reasonOf(error, host, port)));
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      resolve(server);
    });
  });
}

function reasonOf(error: NodeJS.ErrnoException, host: string, port: number): string {
  const where = `${host}:${port}`;
  if (error.code === 'EADDRINUSE')
    return `port ${where} is taken; stop what runs there or choose others with --port-base`;
  if (error.code === 'EACCES')
    return `port ${where} may not be opened by this user; choose another --port-base`;
  return `cannot listen on ${where}: ${error.message}`;
}

/** Refuses new connections at once and cuts the open ones. Fine on a server that does not listen. */
export function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
