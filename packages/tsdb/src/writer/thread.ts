/** The writing thread. See work.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { giveHeapBack } from '@watchroom/model/heap-slack';
import { WriterWork } from './work.ts';

if (parentPort) {
  new WriterWork(workerData, parentPort);
  giveHeapBack();
}
