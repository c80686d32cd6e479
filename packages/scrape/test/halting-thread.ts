/** The fetching thread, which tells how often it halts instead of halting. */
import { workerData } from 'node:worker_threads';

const { halts } = workerData as { readonly halts: Int32Array };
Atomics.wait = () => {
  Atomics.add(halts, 0, 1);
  return 'timed-out';
};
await import('../src/fetching/thread.ts');
