/** An HTTP client's configuration as plain values, and back: a copy to another thread keeps neither classes nor secrets' wrapping. */
import type { HttpClientConfig } from '@watchroom/config';
// By itself: the fetching thread needs nothing else of that package.
import { Secret } from '@watchroom/config/secret';

/** No key of a configuration begins so. */
const SECRET = '\0secret';
const HREF = '\0href';

/** An HttpClientConfig whose secrets and URLs are objects with their text. */
export type PackedHttp = { readonly [K in keyof HttpClientConfig]: unknown };

export function packHttp(http: HttpClientConfig): PackedHttp {
  return mapped(http, (value) => {
    if (value instanceof Secret) return { [SECRET]: value.reveal() };
    if (value instanceof URL) return { [HREF]: value.href };
    return undefined;
  }) as PackedHttp;
}

export function unpackHttp(packed: PackedHttp): HttpClientConfig {
  return mapped(packed, (value) => {
    if (has(value, SECRET)) return new Secret(value[SECRET]);
    if (has(value, HREF)) return new URL(value[HREF]);
    return undefined;
  }) as HttpClientConfig;
}

/** A copy with each value in it replaced by what `replace` gives, where it gives something. */
function mapped(value: unknown, replace: (value: unknown) => unknown): unknown {
  const other = replace(value);
  if (other !== undefined) return other;
  if (Array.isArray(value)) return value.map((entry) => mapped(entry, replace));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, mapped(entry, replace)]));
}

function has<K extends string>(value: unknown, key: K): value is Record<K, string> {
  return typeof value === 'object' && value !== null && key in value;
}
