/** The tree of a template. `at` is where Go puts the node in error texts, which is not always its first character. */
export type Node = TextNode | ActionNode | ControlNode | TemplateNode | JumpNode;

export interface TextNode {
  readonly kind: 'text';
  readonly at: number;
  readonly text: string;
}

export interface ActionNode {
  readonly kind: 'action';
  readonly at: number;
  readonly pipe: PipeNode;
}

export interface ControlNode {
  readonly kind: 'if' | 'range' | 'with';
  readonly at: number;
  readonly pipe: PipeNode;
  readonly body: readonly Node[];
  readonly otherwise: readonly Node[] | undefined;
}

export interface TemplateNode {
  readonly kind: 'template';
  readonly at: number;
  readonly name: string;
  readonly pipe: PipeNode | undefined;
}

export interface JumpNode {
  readonly kind: 'break' | 'continue';
  readonly at: number;
}

export type Operand =
  | { readonly kind: 'bool'; readonly at: number; readonly value: boolean }
  | { readonly kind: 'number'; readonly at: number; readonly source: string; readonly value: number | bigint }
  | { readonly kind: 'string'; readonly at: number; readonly source: string; readonly value: string }
  | { readonly kind: 'nil' | 'dot'; readonly at: number }
  | { readonly kind: 'identifier'; readonly at: number; readonly name: string }
  /** `.a.b`, and `$x.a.b` with the variable first. */
  | { readonly kind: 'field' | 'variable'; readonly at: number; readonly path: readonly string[] }
  | { readonly kind: 'chain'; readonly at: number; readonly inner: Operand; readonly path: readonly string[] }
  | PipeNode;

export interface CommandNode {
  readonly kind: 'command';
  readonly at: number;
  readonly args: readonly Operand[];
}

export interface PipeNode {
  readonly kind: 'pipe';
  readonly at: number;
  readonly variables: readonly { readonly at: number; readonly name: string }[];
  /** `=` instead of `:=`. */
  readonly assigns: boolean;
  readonly commands: readonly CommandNode[];
}

/** The named parts of one text. */
export interface TemplateTree {
  readonly name: string;
  readonly source: string;
  readonly body: readonly Node[];
  readonly defined: ReadonlyMap<string, readonly Node[]>;
}

/** A node as Go prints it in error texts. */
export function describe(node: Node | Operand | CommandNode): string {
  switch (node.kind) {
    case 'text':
      return node.text;
    case 'action':
      return `{{${describe(node.pipe)}}}`;
    case 'if':
    case 'range':
    case 'with':
      return `{{${node.kind} ${describe(node.pipe)}}}…{{end}}`;
    case 'template':
      return `{{template ${JSON.stringify(node.name)}${node.pipe ? ` ${describe(node.pipe)}` : ''}}}`;
    case 'break':
    case 'continue':
      return `{{${node.kind}}}`;
    case 'command':
      return node.args.map((arg) => (arg.kind === 'pipe' ? `(${describe(arg)})` : describe(arg))).join(' ');
    case 'pipe':
      return describePipe(node);
    default:
      return describeOperand(node);
  }
}

function describePipe({ variables, assigns, commands }: PipeNode): string {
  const names = variables.map((variable) => variable.name).join(', ');
  const head = names === '' ? '' : `${names} ${assigns ? '=' : ':='} `;
  return head + commands.map(describe).join(' | ');
}

function describeOperand(node: Exclude<Operand, PipeNode>): string {
  switch (node.kind) {
    case 'bool':
      return String(node.value);
    case 'number':
    case 'string':
      return node.source;
    case 'nil':
      return 'nil';
    case 'dot':
      return '.';
    case 'identifier':
      return node.name;
    case 'field':
      return node.path.map((name) => `.${name}`).join('');
    case 'variable':
      return node.path.join('.');
    case 'chain': {
      const inner = describe(node.inner);
      return `${node.inner.kind === 'pipe' ? `(${inner})` : inner}${node.path.map((name) => `.${name}`).join('')}`;
    }
  }
}
