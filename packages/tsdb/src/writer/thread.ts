/** The writing thread. See work.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { WriterWork } from './work.ts';

if (parentPort) new WriterWork(workerData, parentPort);
