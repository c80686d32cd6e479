/** What a long command says on standard error while it works: at most a line in two seconds. */
const EVERY_MS = 2_000;

export class Progress {
  #saidMs = performance.now();

  say(line: () => string): void {
    const nowMs = performance.now();
    if (nowMs - this.#saidMs < EVERY_MS) return;
    this.#saidMs = nowMs;
    process.stderr.write(`${line()}\n`);
  }
}

/** `12.3 MB`, powers of ten. */
export function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let [size, unit] = [bytes, 0];
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}
