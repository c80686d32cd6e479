/** Counts what passed and what failed over all kinds of checks, and prints as it goes. */
export class Verdicts {
  passed = 0;
  failed = 0;
  readonly #startedMs = performance.now();

  /** One check with its faults; no fault is a pass. */
  check(name: string, faults: readonly string[]): void {
    if (faults.length === 0) {
      this.passed++;
      console.log(`ok    ${name}`);
      return;
    }
    this.failed++;
    console.log(`FAIL  ${name}`);
    for (const fault of faults) console.log(`      ${fault}`);
  }

  /** A whole suite's counts; details are shown when something failed. */
  suite(name: string, passed: number, failed: number, details: string): void {
    this.passed += passed;
    this.failed += failed;
    console.log(`${failed === 0 ? 'ok   ' : 'FAIL '} ${name}: ${passed} passed, ${failed} failed`);
    if (failed > 0) console.log(details);
  }

  /** The closing line that CI reads; returns the exit code. */
  close(): number {
    console.log(`finished in ${Math.round((performance.now() - this.#startedMs) / 1000)} s`);
    console.log(`${this.passed} passed, ${this.failed} failed`);
    return this.failed === 0 && this.passed > 0 ? 0 : 1;
  }
}
