/** Reads our own output back, for comparison. */
export function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** Values by series text. */
export function seriesOf(text: string): Map<string, number> {
  const series = new Map<string, number>();
  for (const line of linesOf(text)) {
    if (line.startsWith('#')) continue;
    const blank = line.lastIndexOf(' ');
    series.set(line.slice(0, blank), Number(line.slice(blank + 1)));
  }
  return series;
}

/** Types by family. */
export function typesOf(text: string): Map<string, string> {
  const types = new Map<string, string>();
  for (const line of linesOf(text)) {
    const [, keyword, name, type] = line.split(' ');
    if (line.startsWith('# ') && keyword === 'TYPE') types.set(name!, type!);
  }
  return types;
}
