/**
 * Which message a request's headers announce.
 * Source: remote write 2.0, Content-Type and Content-Encoding; RFC 9110, section 8.3.
 */
export type WriteMessage = 'prometheus.WriteRequest' | 'io.prometheus.write.v2.Request';

const MEDIA_TYPE = 'application/x-protobuf';
const MESSAGES: readonly string[] = ['prometheus.WriteRequest', 'io.prometheus.write.v2.Request'];

/** Absent headers stand for 1.0 in snappy, which old senders mean; `unsupported` says why another is declined. */
export function messageOf(
  contentType: string | undefined,
  contentEncoding: string | undefined,
): WriteMessage | { readonly unsupported: string } {
  const encoding = (contentEncoding ?? '').trim().toLowerCase();
  if (encoding !== '' && encoding !== 'snappy')
    return {
      unsupported: `${encoding} encoding (compression) is not accepted by this server; only snappy is`,
    };
  const [media = '', ...parameters] = (contentType ?? MEDIA_TYPE).split(';').map((part) => part.trim());
  if (media.toLowerCase() !== MEDIA_TYPE)
    return {
      unsupported: `expected ${MEDIA_TYPE} as the first (media) part, got ${contentType} content-type`,
    };
  for (const parameter of parameters) {
    const [name, value, more] = parameter.split('=').map((part) => part.trim());
    if (value === undefined || more !== undefined)
      return {
        unsupported: `expected parameters to be key-values, got ${parameter} in ${contentType} content-type`,
      };
    if (name?.toLowerCase() !== 'proto') continue;
    const message = value.replace(/^"(.*)"$/, '$1');
    if (!MESSAGES.includes(message))
      return {
        unsupported: `unknown remote write protobuf message ${message}, supported: ${MESSAGES.join(', ')}`,
      };
    return message as WriteMessage;
  }
  return 'prometheus.WriteRequest';
}
