/** A thread of its own that writes one chunk file anew, so that neither queries nor the writing of commits wait for it. */
import { parentPort, workerData } from 'node:worker_threads';
import { type RewriteRequest, rewriteFile } from './rewrite.ts';

if (parentPort) {
  const request: RewriteRequest = workerData;
  parentPort.postMessage(rewriteFile(request));
}
