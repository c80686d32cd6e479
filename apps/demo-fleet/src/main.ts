import { type Command, HELP, parseCommand } from './command-line.ts';
import { startFleet } from './fleet.ts';
import { ListenError } from './listening.ts';

async function run(command: Command): Promise<number | undefined> {
  switch (command.kind) {
    case 'help':
      console.log(HELP);
      return 0;
    case 'wrong':
      console.error(`demo-fleet: ${command.message}`);
      return 1;
    case 'serve':
      return serve(command);
    case 'ask':
      return ask(command);
  }
}

async function serve(command: Extract<Command, { kind: 'serve' }>): Promise<undefined> {
  const fleet = await startFleet({ ...command, now: Date.now });
  const services = new Set(fleet.servers.map(({ instance }) => instance.state.service.name)).size;
  console.log(
    `demo-fleet: ${services} services, ${fleet.servers.length} instances, discovery at ${fleet.controlUrl}/sd`,
  );
  const stop = () => void fleet.close().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

async function ask({ method, url, body }: Extract<Command, { kind: 'ask' }>): Promise<number> {
  try {
    const response = await fetch(url, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(5000),
    });
    const text = (await response.text()).trim();
    (response.ok ? console.log : console.error)(text);
    return response.ok ? 0 : 1;
  } catch (error) {
    const cause =
      error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    console.error(
      `demo-fleet: no fleet answers at ${new URL(url).origin} (${cause}); start one with "serve"`,
    );
    return 1;
  }
}

try {
  process.exitCode = await run(parseCommand(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof ListenError ? `demo-fleet: ${error.message}` : error);
  process.exitCode = 1;
}
