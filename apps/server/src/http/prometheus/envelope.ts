/** The envelope of Prometheus' API around `data`. Source: Prometheus web/api/v1/api.go, respond. */

/** Annotations of each kind that an answer carries at most. */
const MOST_NOTES = 10;

export function envelope(
  data: string,
  warnings: readonly string[] = [],
  infos: readonly string[] = [],
): string {
  return `{"status":"success","data":${data}${notesJson(warnings, infos)}}`;
}

/** The part behind `data`: nothing, or warnings and infos, each cut with a last line that counts the rest. */
export function notesJson(warnings: readonly string[], infos: readonly string[]): string {
  const list = (name: string, kind: string, all: readonly string[]): string =>
    all.length === 0 ? '' : `,"${name}":${JSON.stringify(cut(kind, all))}`;
  return list('warnings', 'warning', warnings) + list('infos', 'info', infos);
}

function cut(kind: string, all: readonly string[]): readonly string[] {
  if (all.length <= MOST_NOTES) return all;
  return [...all.slice(0, MOST_NOTES), `${all.length - MOST_NOTES} more ${kind} annotations omitted`];
}
