export { corpusFolder } from './corpora.ts';
export { ManualClock, settle } from './manual-clock.ts';
export { MemoryStore } from './memory-store.ts';
export {
  bucket,
  delimited,
  exemplar,
  type Field,
  family,
  join,
  label,
  message,
  span,
  time,
  varint,
} from './metric-families.ts';
export { mutateBytes } from './mutate-bytes.ts';
export { mutateText, type TextPool } from './mutate-text.ts';
export { findPeer, peerProgram } from './peers.ts';
export { type PlayedAnswer, type PlayedRequest, played } from './played-request.ts';
export { seededRandom } from './random.ts';
export { Message, type SeriesToSend, snappy, writeRequest } from './remote-write.ts';
export { type RemoteWritePool, remoteWritePool } from './remote-write-pool.ts';
