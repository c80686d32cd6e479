/**
 * Queries that have paused go on one after the other, one in each round of the event loop: however many run, timers and sockets
 * wait for one slice of work at most. Queries in a hurry (those that rules and live pages wait for) come first, but for
 * one turn in four.
 */
const hurried: (() => void)[] = [];
const patient: (() => void)[] = [];
const HURRIED_TURNS = 3;
let hurriedInARow = 0;
let scheduled = false;

/** Resolves when it is this query's turn. */
export function nextTurn(inAHurry: boolean): Promise<void> {
  return new Promise((resolve) => {
    (inAHurry ? hurried : patient).push(resolve);
    schedule();
  });
}

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  setImmediate(() => {
    scheduled = false;
    const fromHurried = patient.length === 0 || (hurried.length > 0 && hurriedInARow < HURRIED_TURNS);
    hurriedInARow = fromHurried ? hurriedInARow + 1 : 0;
    (fromHurried ? hurried : patient).shift()?.();
    if (hurried.length + patient.length > 0) schedule();
  });
}
