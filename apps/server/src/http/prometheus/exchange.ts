/** Request and reply helpers that the routes of Prometheus' API share. */
import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchemaCompiler } from 'fastify';
import { validatorCompiler } from 'fastify-type-provider-zod';
import type { ZodType } from 'zod';
import type { RawParameters } from './parameters.ts';
import { TurnEnd } from './turn-end.ts';

/** Far below what the schemas of parameters allow. */
const USUAL_LENGTH = 4096;

const turnEnd = new TurnEnd();

type Handler = (request: FastifyRequest, reply: FastifyReply) => FastifyReply | Promise<FastifyReply>;

/** Query string and form body as one; the body's values come first, as in Go's Request.Form. */
export function merged(request: FastifyRequest): RawParameters {
  const query = request.query as RawParameters;
  if (!request.body) return query;
  const body = request.body as RawParameters;
  const all: Record<string, string | string[] | undefined> = { ...query };
  for (const [name, value] of Object.entries(body)) {
    const former = all[name];
    all[name] = former === undefined ? value : [value ?? [], former].flat();
  }
  return all;
}

/** Registers one handler for both methods; a POST carries its parameters as a form. */
export function getAndPost(app: FastifyInstance, url: string, schema: ZodType, handler: Handler): void {
  getOnly(app, url, schema, handler);
  const options = { schema: { body: schema, tags: ['prometheus'] }, validatorCompiler: atAGlance };
  app.post(url, options, (request, reply) => begin(handler, request, reply));
}

/** HEAD is not for these paths, as with Prometheus; and a GET has no body that would have to be unpacked. */
export function getOnly(app: FastifyInstance, url: string, schema: ZodType, handler: Handler): void {
  const options = {
    schema: { querystring: schema, tags: ['prometheus'] },
    validatorCompiler: atAGlance,
    exposeHeadRoute: false,
    decompress: false as const,
  };
  app.get(url, options, (request, reply) => begin(handler, request, reply));
}

function begin(handler: Handler, request: FastifyRequest, reply: FastifyReply): ReturnType<Handler> {
  turnEnd.look();
  return handler(request, reply);
}

/** Single texts of a usual length pass every schema of parameters; of anything else the schema itself has to judge. */
const atAGlance: FastifySchemaCompiler<unknown> = (route) => {
  const judge = validatorCompiler(route as Parameters<typeof validatorCompiler>[0]);
  return (data: unknown) => (isUsual(data) ? { value: data } : judge(data));
};

function isUsual(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return false;
  for (const name in data) {
    const value: unknown = data[name as keyof typeof data];
    if (typeof value !== 'string' || value.length > USUAL_LENGTH) return false;
  }
  return true;
}

/** Sends JSON text as it is. */
export function sendJson(reply: FastifyReply, json: string, status = 200): FastifyReply {
  return sendText(reply.code(status), json, 'application/json');
}

/** Below this nothing is compressed, so that the hooks for that need not run. */
export const COMPRESS_FROM_BYTES = 4096;

/** Sends a text, in one write with its headers when nobody would compress it. */
export function sendText(reply: FastifyReply, text: string, contentType: string): FastifyReply {
  const length = Buffer.byteLength(text);
  if (isCompressible(reply, length))
    // With a serializer set Fastify adds no character set to the type.
    return reply.header('content-type', contentType).serializer(String).send(text);
  return sendAtOnce(reply, text, length, contentType);
}

/** Whether the hooks that compress have something to do. */
export function isCompressible(reply: FastifyReply, bytes: number): boolean {
  return bytes >= COMPRESS_FROM_BYTES && reply.request.headers['accept-encoding'] !== undefined;
}

/** Past Fastify's hooks for sending: headers and payload in one write. `encoding`: of a string. */
export function sendAtOnce(
  reply: FastifyReply,
  payload: string | Buffer,
  bytes: number,
  contentType: string,
  encoding: 'utf8' | 'latin1' = 'utf8',
): FastifyReply {
  writeHead(reply, bytes, contentType);
  const { raw } = reply;
  turnEnd.add(() => raw.end(payload, encoding));
  return reply;
}

/** The same of several pieces, whose memory must stay as it is until the answer has been sent. */
export function sendAllAtOnce(
  reply: FastifyReply,
  pieces: readonly Buffer[],
  contentType: string,
): FastifyReply {
  const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
  writeHead(reply, bytes, contentType);
  const { raw } = reply;
  turnEnd.add(() => {
    for (const piece of pieces) raw.write(piece);
    raw.end();
  });
  return reply;
}

function writeHead(reply: FastifyReply, bytes: number, contentType: string): void {
  const headers = reply.getHeaders() as OutgoingHttpHeaders;
  headers['content-type'] = contentType;
  headers['content-length'] = bytes;
  reply.hijack();
  reply.raw.writeHead(reply.statusCode, headers);
}

/** Aborts when the client closes the connection before the answer was sent. */
export function abortOnClose(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  // Of the answer, not of its socket: a kept connection would gather one listener for each request.
  reply.raw.once('close', () => {
    if (!reply.raw.writableEnded) controller.abort();
  });
  return controller.signal;
}
