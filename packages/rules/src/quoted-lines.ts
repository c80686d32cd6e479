/**
 * YAML as most Go programs read it: a quoted text may go on in lines that are indented less than YAML 1.2 asks for.
 * Blanks at the start of such a line are folded away, so that more of them change nothing.
 */
const DEEP = ' '.repeat(64);
/** What may stand before a quote that opens a text, in its line. */
const BEFORE_QUOTE = /(?:^|[:,[{]|- |\? )\s*$/;

/** The text with lines inside of quotes indented deeply; line numbers stay. */
export function indentQuotedLines(text: string): string {
  let quote = '';
  return text
    .split('\n')
    .map((line) => {
      const inside = quote !== '';
      quote = quoteAfter(line, quote);
      return inside && line.trim() !== '' ? DEEP + line : line;
    })
    .join('\n');
}

/** The quote that is still open behind the line, or ''. */
function quoteAfter(line: string, open: string): string {
  let quote = open;
  for (let i = 0; i < line.length; i++) {
    const char = line[i]!;
    if (quote === '"' && char === '\\') i++;
    else if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === '#' && /^\s*$|\s$/.test(line.slice(0, i))) return '';
    else if ((char === '"' || char === "'") && BEFORE_QUOTE.test(line.slice(0, i))) quote = char;
  }
  return quote;
}
