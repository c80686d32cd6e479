/**
 * Tokens to the tree of a template, with the errors of Go's text/template/parse.
 *
 *   item     = text | "{{" action "}}"
 *   action   = "if" | "with" | "range" pipeline … ["else" …] "end" | "template" name [pipeline]
 *            | "define" name … "end" | "block" name pipeline … "end" | "break" | "continue" | pipeline
 *   pipeline = [ variable ["," variable] (":=" | "=") ] command { "|" command }
 *   command  = operand { space operand }
 *   operand  = ( literal | "." | "nil" | identifier | variable | field | "(" pipeline ")" ) { field }
 */
import { type Token, type TokenKind, tokenize } from './lexer.ts';
import type {
  CommandNode,
  ControlNode,
  Node,
  Operand,
  PipeNode,
  TemplateNode,
  TemplateTree,
} from './nodes.ts';
import { quote } from './printf.ts';
import { unquote } from './unquote.ts';

/** A template that does not parse; the message is Go's: `template: name:line: reason`. */
export class TemplateParseError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TemplateParseError';
  }
}

/** How the items of a list ended. */
type Ending = 'end' | 'else' | 'eof';

const OPERANDS = new Set<TokenKind>([
  'bool',
  'char',
  'dot',
  'field',
  'identifier',
  'number',
  'nil',
  'raw',
  'string',
  'variable',
  'left',
]);
/** Literals cannot be called, so they cannot take a piped value. */
/** Underscores stand between digits, or behind the prefix of a base. */
const STRAY_UNDERSCORE = /_(?![\da-fA-F])|(?<![\da-fA-FxXbBoO])_/;
/** Go's `0x1.8p-2`. */
const HEX_FLOAT = /^0[xX]([\da-fA-F]*)\.?([\da-fA-F]*)[pP]([+-]?\d+)$/;

function hexFloat([, whole = '', fraction = '', exponent = '']: readonly string[]): number {
  return Number.parseInt(whole + fraction, 16) * 2 ** (Number(exponent) - 4 * fraction.length);
}

const NOT_CALLED = new Set(['bool', 'dot', 'nil', 'number', 'string']);

/** Throws TemplateParseError. `isFunction` tells which names may be called. */
export function parseTemplate(
  name: string,
  source: string,
  isFunction: (name: string) => boolean,
): TemplateTree {
  return new Parser(name, source, isFunction).parse();
}

class Parser {
  readonly #name: string;
  readonly #source: string;
  readonly #isFunction: (name: string) => boolean;
  readonly #tokens: Token[];
  readonly #defined = new Map<string, readonly Node[]>();
  #next = 0;
  #variables = ['$'];
  #rangeDepth = 0;
  #actionLine = 0;

  constructor(name: string, source: string, isFunction: (name: string) => boolean) {
    this.#name = name;
    this.#source = source;
    this.#isFunction = isFunction;
    this.#tokens = tokenize(source);
  }

  parse(): TemplateTree {
    const { nodes, ending } = this.#items(true);
    if (ending !== 'eof') this.#fail(`unexpected {{${ending}}}`);
    return { name: this.#name, source: this.#source, body: nodes, defined: this.#defined };
  }

  #items(top: boolean): { nodes: Node[]; ending: Ending } {
    const nodes: Node[] = [];
    for (;;) {
      const token = this.#take();
      if (token.kind === 'text') nodes.push({ kind: 'text', at: token.at, text: token.text });
      else if (token.kind === 'end') return { nodes, ending: 'eof' };
      else if (token.kind === 'open') {
        this.#actionLine = token.line;
        const ended = this.#action(nodes, top);
        this.#actionLine = 0;
        if (ended) return { nodes, ending: ended };
      } else this.#unexpected(token, 'input');
    }
  }

  /** Reads an action into `nodes`; tells when it ended the list. */
  #action(nodes: Node[], top: boolean): Ending | undefined {
    const token = this.#peek();
    if (token.kind !== 'keyword') {
      nodes.push({ kind: 'action', at: token.at, pipe: this.#pipeline('command', 'close') });
      return undefined;
    }
    this.#takeSolid();
    switch (token.text) {
      case 'end':
        this.#expect('close', 'end');
        return 'end';
      case 'else': {
        const next = this.#peek();
        // `else if` and `else with` open a list of their own; whoever reads the else sees the keyword next.
        if (next.kind === 'keyword' && (next.text === 'if' || next.text === 'with')) return 'else';
        this.#expect('close', 'else');
        return 'else';
      }
      case 'if':
      case 'with':
      case 'range':
        nodes.push(this.#control(token.text));
        return undefined;
      case 'define':
        if (!top) this.#unexpected(token, 'command');
        this.#define();
        return undefined;
      default:
        nodes.push(this.#other(token));
        return undefined;
    }
  }

  #other(token: Token): Node {
    switch (token.text) {
      case 'template':
        return this.#template();
      case 'block':
        return this.#block();
      default: {
        const jump = token.text === 'break' ? 'break' : 'continue';
        const close = this.#takeSolid();
        if (close.kind !== 'close') this.#unexpected(close, `{{${jump}}}`);
        if (this.#rangeDepth === 0) this.#fail(`{{${jump}}} outside {{range}}`);
        return { kind: jump, at: token.at };
      }
    }
  }

  #control(kind: ControlNode['kind']): ControlNode {
    const known = this.#variables.length;
    const pipe = this.#pipeline(kind, 'close');
    if (kind === 'range') this.#rangeDepth++;
    const { nodes: body, ending } = this.#items(false);
    if (kind === 'range') this.#rangeDepth--;
    let otherwise: readonly Node[] | undefined;
    if (ending === 'eof') this.#unexpected(this.#tokens.at(-1)!, kind);
    if (ending === 'else') otherwise = this.#otherwise(kind);
    this.#variables.length = known;
    return { kind, at: pipe.at, pipe, body, otherwise };
  }

  #otherwise(kind: ControlNode['kind']): readonly Node[] {
    const next = this.#peek();
    if (next.kind === 'keyword' && (next.text === 'if' || next.text === 'with')) {
      if (
        kind === 'range' ||
        (kind === 'if' && next.text === 'with') ||
        (kind === 'with' && next.text === 'if')
      )
        this.#unexpected(next, `{{else}}`);
      this.#takeSolid();
      return [this.#control(next.text)];
    }
    const { nodes, ending } = this.#items(false);
    if (ending === 'else') this.#fail(`expected end; found {{else}}`);
    if (ending === 'eof') this.#unexpected(this.#tokens.at(-1)!, kind);
    return nodes;
  }

  #template(): TemplateNode {
    const token = this.#takeSolid();
    const name = this.#templateName(token, 'template clause');
    if (this.#peek().kind === 'close') {
      this.#takeSolid();
      return { kind: 'template', at: token.at, name, pipe: undefined };
    }
    return { kind: 'template', at: token.at, name, pipe: this.#pipeline('template clause', 'close') };
  }

  #define(): void {
    const name = this.#templateName(this.#takeSolid(), 'define clause');
    this.#expect('close', 'define clause');
    this.#body(name, 'define clause');
  }

  #block(): TemplateNode {
    const token = this.#takeSolid();
    const name = this.#templateName(token, 'block clause');
    const pipe = this.#pipeline('block clause', 'close');
    this.#body(name, 'block clause');
    return { kind: 'template', at: token.at, name, pipe };
  }

  #body(name: string, context: string): void {
    const outer = this.#variables;
    this.#variables = ['$'];
    const { nodes, ending } = this.#items(false);
    if (ending !== 'end')
      this.#fail(ending === 'eof' ? `unexpected EOF in ${context}` : `unexpected {{else}} in ${context}`);
    this.#variables = outer;
    if (this.#defined.has(name)) this.#fail(`template: multiple definition of template ${quote(name)}`);
    this.#defined.set(name, nodes);
  }

  #templateName(token: Token, context: string): string {
    if (token.kind !== 'string' && token.kind !== 'raw') this.#unexpected(token, context);
    return unquote(token.text) ?? this.#fail(`invalid syntax`);
  }

  #pipeline(context: string, end: TokenKind): PipeNode {
    const at = this.#peek().at;
    const { variables, assigns } = this.#declarations(context);
    const commands: CommandNode[] = [];
    for (;;) {
      const token = this.#peek();
      if (token.kind === end) {
        this.#takeSolid();
        this.#checkCommands(commands, context);
        return { kind: 'pipe', at, variables, assigns, commands };
      }
      if (!OPERANDS.has(token.kind)) this.#unexpected(this.#takeSolid(), context);
      commands.push(this.#command());
    }
  }

  #declarations(context: string): Pick<PipeNode, 'variables' | 'assigns'> {
    const variables: { at: number; name: string }[] = [];
    for (;;) {
      const variable = this.#peek();
      if (variable.kind !== 'variable') return { variables, assigns: false };
      const before = this.#next;
      this.#takeSolid();
      const next = this.#peek();
      const comma = next.kind === 'punctuation' && next.text === ',';
      if (next.kind !== 'declare' && next.kind !== 'assign' && !comma) {
        this.#next = before;
        return { variables, assigns: false };
      }
      this.#takeSolid();
      variables.push({ at: variable.at, name: variable.text });
      this.#variables.push(variable.text);
      if (!comma) return { variables, assigns: next.kind === 'assign' };
      if (context !== 'range' || variables.length > 1) this.#fail(`too many declarations in ${context}`);
      if (!['variable', 'close', 'right'].includes(this.#peek().kind))
        this.#fail('range can only initialize variables');
    }
  }

  #checkCommands(commands: readonly CommandNode[], context: string): void {
    if (commands.length === 0) this.#fail(`missing value for ${context}`);
    commands.forEach((command, i) => {
      if (i > 0 && NOT_CALLED.has(command.args[0]!.kind))
        this.#fail(`non executable command in pipeline stage ${i + 1}`);
    });
  }

  #command(): CommandNode {
    const at = this.#peek().at;
    const args: Operand[] = [];
    for (;;) {
      this.#skipSpace();
      const operand = this.#operand();
      if (operand) args.push(operand);
      const token = this.#take();
      if (token.kind === 'space') continue;
      if (token.kind === 'close' || token.kind === 'right') this.#next--;
      else if (token.kind !== 'pipe') this.#unexpected(token, 'operand');
      if (args.length === 0) this.#fail('empty command');
      return { kind: 'command', at, args };
    }
  }

  /** A term with the fields behind it. */
  #operand(): Operand | undefined {
    const term = this.#term();
    const first = this.#tokens[this.#next]!;
    if (!term || first.kind !== 'field') return term;
    const path: string[] = [];
    while (this.#tokens[this.#next]!.kind === 'field') path.push(this.#take().text.slice(1));
    if (term.kind === 'field' || term.kind === 'variable')
      return { kind: term.kind, at: first.at, path: [...term.path, ...path] };
    if (NOT_CALLED.has(term.kind))
      this.#fail(`unexpected . after term ${quote('source' in term ? term.source : term.kind)}`);
    return { kind: 'chain', at: first.at, inner: term, path };
  }

  #term(): Operand | undefined {
    const token = this.#peek();
    if (!OPERANDS.has(token.kind)) return undefined;
    this.#takeSolid();
    const { at, text } = token;
    switch (token.kind) {
      case 'identifier':
        if (!this.#isFunction(text)) this.#fail(`function ${quote(text)} not defined`, token.line);
        return { kind: 'identifier', at, name: text };
      case 'variable':
        if (!this.#variables.includes(text)) this.#fail(`undefined variable ${quote(text)}`, token.line);
        return { kind: 'variable', at, path: [text] };
      case 'field':
        return { kind: 'field', at, path: [text.slice(1)] };
      case 'dot':
      case 'nil':
        return { kind: token.kind, at };
      case 'bool':
        return { kind: 'bool', at, value: text === 'true' };
      case 'left':
        return this.#pipeline('parenthesized pipeline', 'right');
      case 'number':
        // A complex number can only be printed.
        if (text.endsWith('i'))
          return { kind: 'string', at, source: text, value: `(0+${this.#number(text.slice(0, -1))}i)` };
        return { kind: 'number', at, source: text, value: this.#number(text) };
      case 'char':
        return { kind: 'number', at, source: text, value: BigInt(this.#unquoted(token).codePointAt(0) ?? 0) };
      default:
        return { kind: 'string', at, source: text, value: this.#unquoted(token) };
    }
  }

  #unquoted(token: Token): string {
    return unquote(token.text) ?? this.#fail('invalid syntax', token.line);
  }

  #number(source: string): number | bigint {
    if (STRAY_UNDERSCORE.test(source)) this.#fail(`illegal number syntax: ${quote(source)}`);
    const text = source.replaceAll('_', '');
    const sign = text.startsWith('-') ? -1n : 1n;
    const digits = text.replace(/^[+-]/, '');
    if (/^0\d+$/.test(digits)) return sign * BigInt(`0o${digits}`);
    if (/^(?:\d+|0[xX][\da-fA-F]+|0[oObB].+)$/.test(digits)) return sign * BigInt(digits.toLowerCase());
    const hexadecimal = HEX_FLOAT.exec(digits);
    const value = hexadecimal ? Number(sign) * hexFloat(hexadecimal) : Number(text);
    return Number.isNaN(value) ? this.#fail(`illegal number syntax: ${quote(source)}`) : value;
  }

  #skipSpace(): void {
    while (this.#tokens[this.#next]?.kind === 'space') this.#next++;
  }

  #peek(): Token {
    this.#skipSpace();
    return this.#tokens[this.#next] ?? this.#tokens.at(-1)!;
  }

  #take(): Token {
    const token = this.#tokens[this.#next] ?? this.#tokens.at(-1)!;
    this.#next++;
    return token;
  }

  #takeSolid(): Token {
    this.#skipSpace();
    return this.#take();
  }

  #expect(kind: TokenKind, context: string): void {
    const token = this.#takeSolid();
    if (token.kind !== kind) this.#unexpected(token, context);
  }

  #unexpected(token: Token, context: string): never {
    if (token.kind !== 'error')
      return this.#fail(`unexpected ${describeToken(token)} in ${context}`, token.line);
    let extra = '';
    if (this.#actionLine !== 0 && this.#actionLine !== token.line) {
      extra = ` in action started at ${this.#name}:${this.#actionLine}`;
      if (token.text.endsWith(' action')) extra = extra.slice(' in action'.length);
    }
    return this.#fail(token.text + extra, token.line);
  }

  #fail(reason: string, line = this.#lineHere()): never {
    throw new TemplateParseError(`template: ${this.#name}:${line}: ${reason}`);
  }

  #lineHere(): number {
    return this.#tokens[Math.max(0, Math.min(this.#next, this.#tokens.length) - 1)]?.line ?? 1;
  }
}

function describeToken(token: Token): string {
  if (token.kind === 'end') return 'EOF';
  if (token.kind === 'keyword') return `<${token.text}>`;
  const chars = [...token.text];
  return chars.length > 10 ? `${quote(chars.slice(0, 10).join(''))}...` : quote(token.text);
}
