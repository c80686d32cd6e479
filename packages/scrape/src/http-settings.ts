/** What an HttpClientConfig means for Node: headers and TLS options. Files are read each time, so that rotated secrets count. */
import { readFile } from 'node:fs/promises';
import type { SecureVersion } from 'node:tls';
import type { HttpClientConfig, TlsConfig, TlsVersion } from '@watchroom/config';
import { FetchError } from './http-error.ts';

export interface TlsMaterial {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly servername: string | undefined;
  readonly rejectUnauthorized: boolean;
  readonly minVersion: SecureVersion;
  readonly maxVersion: SecureVersion | undefined;
}

const VERSIONS: Readonly<Record<TlsVersion, SecureVersion>> = {
  TLS10: 'TLSv1',
  TLS11: 'TLSv1.1',
  TLS12: 'TLSv1.2',
  TLS13: 'TLSv1.3',
};

export async function readTlsMaterial(tls: TlsConfig): Promise<TlsMaterial> {
  return {
    ca: tls.ca ?? (await fileText(tls.caFile, 'ca_file')),
    cert: tls.cert ?? (await fileText(tls.certFile, 'cert_file')),
    key: tls.key?.reveal() ?? (await fileText(tls.keyFile, 'key_file')),
    servername: tls.serverName === '' ? undefined : tls.serverName,
    rejectUnauthorized: !tls.insecureSkipVerify,
    minVersion: tls.minVersion ? VERSIONS[tls.minVersion] : 'TLSv1.2',
    maxVersion: tls.maxVersion ? VERSIONS[tls.maxVersion] : undefined,
  };
}

/** The headers of a configuration: authorization and http_headers. */
export async function readHeaders(http: HttpClientConfig): Promise<Record<string, string | string[]>> {
  const headers: Record<string, string | string[]> = {};
  for (const header of http.headers) {
    const fromFiles = await Promise.all(header.files.map((file) => fileText(file, 'http_headers file')));
    const secrets = header.secrets.map((secret) => secret.reveal());
    headers[header.name] = [...header.values, ...secrets, ...fromFiles.map((text) => (text ?? '').trim())];
  }
  const authorization = await readAuthorization(http);
  if (authorization !== undefined) headers['authorization'] = authorization;
  return headers;
}

/** The same where no file has to be read for them; else undefined. */
export function fixedHeaders(http: HttpClientConfig): Record<string, string | string[]> | undefined {
  const { basicAuth, authorization } = http;
  const files = [basicAuth?.usernameFile, basicAuth?.passwordFile, authorization?.credentialsFile];
  if (files.some((file) => file !== undefined)) return undefined;
  if (http.headers.some((header) => header.files.length > 0)) return undefined;
  const headers: Record<string, string | string[]> = {};
  for (const header of http.headers)
    headers[header.name] = [...header.values, ...header.secrets.map((secret) => secret.reveal())];
  const value = authorizationOf(http, {});
  if (value !== undefined) headers['authorization'] = value;
  return headers;
}

interface FileTexts {
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly credentials?: string | undefined;
}

/** What stands in files counts before what stands in the configuration. */
function authorizationOf(
  { basicAuth, authorization }: HttpClientConfig,
  texts: FileTexts,
): string | undefined {
  if (basicAuth) {
    const user = texts.user ?? basicAuth.username;
    const password = texts.password ?? basicAuth.password?.reveal() ?? '';
    return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  }
  if (!authorization) return undefined;
  const credentials = texts.credentials ?? authorization.credentials?.reveal() ?? '';
  return credentials === '' ? authorization.type : `${authorization.type} ${credentials}`;
}

async function readAuthorization(http: HttpClientConfig): Promise<string | undefined> {
  const { basicAuth, authorization } = http;
  const read = async (path: string | undefined, what: string): Promise<string | undefined> =>
    (await fileText(path, what))?.trim();
  if (basicAuth)
    return authorizationOf(http, {
      user: await read(basicAuth.usernameFile, 'username_file'),
      password: await read(basicAuth.passwordFile, 'password_file'),
    });
  return authorizationOf(http, {
    credentials: await read(authorization?.credentialsFile, 'credentials_file'),
  });
}

async function fileText(path: string | undefined, what: string): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new FetchError(
      `unable to read ${what} ${path}: ${code === 'ENOENT' ? 'no such file or directory' : code}`,
    );
  }
}
