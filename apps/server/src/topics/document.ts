/** A topic's document on the server: tells what changed between two states of it, entry by entry. */
export interface DocumentChange {
  readonly set: Readonly<Record<string, unknown>>;
  readonly remove: readonly string[];
}

export class TopicDocument {
  #texts = new Map<string, string>();

  /** What a page that holds the former state must change; undefined when nothing. Entries are compared as JSON. */
  update(entries: Iterable<readonly [string, unknown]>): DocumentChange | undefined {
    const set: Record<string, unknown> = {};
    const texts = new Map<string, string>();
    for (const [key, value] of entries) {
      const text = JSON.stringify(value);
      texts.set(key, text);
      if (this.#texts.get(key) !== text) set[key] = value;
    }
    const remove = [...this.#texts.keys()].filter((key) => !texts.has(key));
    this.#texts = texts;
    return Object.keys(set).length === 0 && remove.length === 0 ? undefined : { set, remove };
  }
}
