/** Takes remote write requests, one per store. */
export {
  type ReceiverLimits,
  type ReceiverOptions,
  RemoteWriteReceiver,
  type WriteAnswer,
  type WriteRequest,
} from './receiver.ts';
