/**
 * Runs a template tree over Go values, with the error texts of Go's text/template (exec.go): each names the place and the
 * node that was last entered. Functions run at once; one that needs a query throws (see expander.ts) and is run again.
 */
import { callFunction, checkType } from './call.ts';
import {
  type CommandNode,
  type ControlNode,
  describe,
  type Node,
  type Operand,
  type PipeNode,
  type TemplateNode,
  type TemplateTree,
} from './nodes.ts';
import { quote, sprint } from './printf.ts';
import {
  type GoFunction,
  GoMap,
  GoObject,
  GoSlice,
  GoStruct,
  type GoType,
  type GoValue,
  truth,
  typeOf,
} from './value.ts';

/** A template that fails while it runs; the message is Go's. */
export class TemplateExecError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TemplateExecError';
  }
}

/** Thrown through the executor untouched, to have the template run again later. */
export class Suspend extends Error {}

export interface ExecOptions {
  readonly functions: ReadonlyMap<string, GoFunction>;
  /** `missingkey=error`: an absent map key is an error. */
  readonly missingKeyIsError: boolean;
}

/** Marks the absence of a piped value. */
const MISSING = Symbol('missing');
type Piped = GoValue | typeof MISSING;

const MAX_DEPTH = 500;
const MAX_OUTPUT = 1_000_000;

interface Variable {
  readonly name: string;
  value: GoValue;
}

/** Throws TemplateExecError, or whatever Suspend a function throws. */
export function execute(tree: TemplateTree, data: GoValue, options: ExecOptions): string {
  return new Executor(tree, options).run(tree.name, tree.body, data, 0);
}

type Flow = 'go' | 'break' | 'continue';

class Executor {
  readonly #tree: TemplateTree;
  readonly #options: ExecOptions;
  #name = '';
  #variables: Variable[] = [];
  #node: Node | Operand | CommandNode | PipeNode | undefined;
  #output = '';
  #depth = 0;

  constructor(tree: TemplateTree, options: ExecOptions) {
    this.#tree = tree;
    this.#options = options;
  }

  run(name: string, body: readonly Node[], data: GoValue, depth: number): string {
    this.#name = name;
    this.#depth = depth;
    this.#variables = [{ name: '$', value: data }];
    this.#list(data, body);
    return this.#output;
  }

  #list(dot: GoValue, nodes: readonly Node[]): Flow {
    for (const node of nodes) {
      const flow = this.#walk(dot, node);
      if (flow !== 'go') return flow;
    }
    return 'go';
  }

  #walk(dot: GoValue, node: Node): Flow {
    this.#node = node;
    switch (node.kind) {
      case 'text':
        this.#write(node.text);
        return 'go';
      case 'action': {
        const value = this.#pipeline(dot, node.pipe);
        if (node.pipe.variables.length === 0) this.#write(value === null ? '<no value>' : sprint(value));
        return 'go';
      }
      case 'if':
      case 'with':
        return this.#branch(dot, node);
      case 'range':
        return this.#range(dot, node);
      case 'template':
        this.#template(dot, node);
        return 'go';
      default:
        return node.kind;
    }
  }

  #branch(dot: GoValue, node: ControlNode): Flow {
    const mark = this.#variables.length;
    const value = this.#pipeline(dot, node.pipe);
    let flow: Flow = 'go';
    if (truth(value)) flow = this.#list(node.kind === 'with' ? value : dot, node.body);
    else if (node.otherwise) flow = this.#list(dot, node.otherwise);
    this.#variables.length = mark;
    return flow;
  }

  #range(dot: GoValue, node: ControlNode): Flow {
    const mark = this.#variables.length;
    const value = this.#pipeline(dot, node.pipe);
    const bodyMark = this.#variables.length;
    let count = 0;
    for (const [key, item] of this.#elements(value)) {
      count++;
      this.#bind(node.pipe, key, item);
      const flow = this.#list(item, node.body);
      this.#variables.length = bodyMark;
      if (flow === 'break') break;
    }
    let flow: Flow = 'go';
    if (count === 0 && node.otherwise) flow = this.#list(dot, node.otherwise);
    this.#variables.length = mark;
    return flow;
  }

  *#elements(value: GoValue): Generator<[GoValue, GoValue]> {
    if (value === null) return;
    if (value instanceof GoSlice) {
      for (let i = 0; i < value.items.length; i++) yield [BigInt(i), value.items[i]!];
    } else if (value instanceof GoMap) {
      for (const key of [...value.entries.keys()].sort()) yield [key, value.entries.get(key)!];
    } else if (typeof value === 'bigint') {
      for (let i = 0n; i < value; i++) yield [i, i];
    } else this.#fail(`range can't iterate over ${sprint(value)}`);
  }

  #bind(pipe: PipeNode, key: GoValue, item: GoValue): void {
    const values = pipe.variables.length > 1 ? [key, item] : [item];
    pipe.variables.forEach((variable, i) => {
      if (pipe.assigns) this.#assign(variable.name, values[i]!);
      // The pipeline has pushed the last variable; the names are found from the top.
      else this.#variables.push({ name: variable.name, value: values[i]! });
    });
  }

  #template(dot: GoValue, node: TemplateNode): void {
    const named = node.name === this.#tree.name ? this.#tree.body : this.#tree.defined.get(node.name);
    const body = named ?? this.#fail(`template ${quote(node.name)} not defined`);
    if (this.#depth + 1 > MAX_DEPTH) this.#fail(`exceeded maximum template depth (${MAX_DEPTH})`);
    const data = node.pipe ? this.#pipeline(dot, node.pipe) : null;
    this.#write(new Executor(this.#tree, this.#options).run(node.name, body, data, this.#depth + 1));
  }

  #pipeline(dot: GoValue, pipe: PipeNode): GoValue {
    this.#node = pipe;
    let value: Piped = MISSING;
    for (const command of pipe.commands) value = this.#command(dot, command, value);
    const result = value === MISSING ? null : value;
    for (const variable of pipe.variables) {
      if (pipe.assigns) this.#assign(variable.name, result);
      else this.#variables.push({ name: variable.name, value: result });
    }
    return result;
  }

  #command(dot: GoValue, command: CommandNode, piped: Piped): GoValue {
    const first = command.args[0]!;
    switch (first.kind) {
      case 'field':
      case 'chain':
      case 'variable':
        return this.#access(dot, first, command.args, piped);
      case 'identifier':
        return this.#call(dot, first.name, first, command, command.args, piped);
      case 'pipe':
        this.#notCalled(command.args, piped);
        return this.#pipeline(dot, first);
      default:
        this.#node = first;
        this.#notCalled(command.args, piped);
        return 'value' in first
          ? first.value
          : first.kind === 'dot'
            ? dot
            : this.#fail('nil is not a command');
    }
  }

  #notCalled(args: readonly Operand[], piped: Piped): void {
    if (args.length > 1 || piped !== MISSING)
      this.#fail(`can't give argument to non-function ${describe(args[0]!)}`);
  }

  /** `.a.b`, `$x.a.b`, `(pipeline).a.b`; the last name may be a method with arguments. */
  #access(
    dot: GoValue,
    node: Extract<Operand, { kind: 'field' | 'variable' | 'chain' }>,
    args: readonly Operand[],
    piped: Piped,
  ): GoValue {
    this.#node = node;
    let receiver = dot;
    let path = node.path;
    if (node.kind === 'variable') {
      receiver = this.#lookup(node.path[0]!);
      path = path.slice(1);
      if (path.length === 0) {
        this.#notCalled(args, piped);
        return receiver;
      }
    } else if (node.kind === 'chain') {
      if (node.inner.kind === 'nil')
        return this.#fail(`indirection through explicit nil in ${describe(node)}`);
      receiver = this.#argument(dot, 'any', node.inner);
    }
    path.forEach((name, i) => {
      const last = i === path.length - 1;
      receiver = this.#field(dot, name, node, last ? args : [], last ? piped : MISSING, receiver);
    });
    return receiver;
  }

  #field(
    dot: GoValue,
    name: string,
    node: Operand,
    args: readonly Operand[],
    piped: Piped,
    receiver: GoValue,
  ): GoValue {
    if (receiver === null) {
      if (this.#options.missingKeyIsError) this.#fail(`nil data; no entry for key ${quote(name)}`);
      return null;
    }
    const hasArguments = args.length > 1 || piped !== MISSING;
    if (receiver instanceof GoObject) {
      const method = receiver.methods.get(name);
      if (method) return this.#apply(dot, name, method, node, args, piped);
    }
    if (receiver instanceof GoStruct) {
      const value = receiver.fields.get(name);
      if (value !== undefined) {
        if (hasArguments) this.#fail(`${name} has arguments but cannot be invoked as function`);
        return value;
      }
    }
    if (receiver instanceof GoMap) {
      if (hasArguments) this.#fail(`${name} is not a method but has arguments`);
      const value = receiver.entries.get(name);
      if (value === undefined && this.#options.missingKeyIsError)
        this.#fail(`map has no entry for key ${quote(name)}`);
      return value ?? receiver.zero;
    }
    return this.#fail(`can't evaluate field ${name} in type ${typeOf(receiver)}`);
  }

  #call(
    dot: GoValue,
    name: string,
    at: Operand,
    node: CommandNode | Operand,
    args: readonly Operand[],
    piped: Piped,
  ): GoValue {
    this.#node = at;
    const run = this.#options.functions.get(name);
    if (!run) return this.#fail(`${quote(name)} is not a defined function`);
    if (name === 'and' || name === 'or') return this.#shortCircuit(dot, name, args, piped);
    return this.#apply(dot, name, run, node, args, piped);
  }

  /** Evaluates only as many arguments as decide. */
  #shortCircuit(dot: GoValue, name: string, args: readonly Operand[], piped: Piped): GoValue {
    const count = args.length - 1 + (piped === MISSING ? 0 : 1);
    if (count < 1) this.#fail(`wrong number of args for ${name}: want at least 1 got 0`);
    let value: GoValue = null;
    for (const arg of args.slice(1)) {
      value = this.#argument(dot, 'any', arg);
      if (truth(value) === (name === 'or')) return value;
    }
    return piped === MISSING ? value : piped;
  }

  #apply(
    dot: GoValue,
    name: string,
    called: GoFunction,
    node: CommandNode | Operand,
    args: readonly Operand[],
    piped: Piped,
  ): GoValue {
    const given = args.slice(1);
    const count = given.length + (piped === MISSING ? 0 : 1);
    const { parameters } = called;
    const least = called.variadic ? parameters.length - 1 : parameters.length;
    if (count < least || (!called.variadic && count > parameters.length))
      this.#fail(
        `wrong number of args for ${name}: want ${called.variadic ? 'at least ' : ''}${least} got ${count}`,
      );
    const typeAt = (i: number): GoType => parameters[Math.min(i, parameters.length - 1)]!;
    const values = given.map((arg, i) => this.#argument(dot, typeAt(i), arg));
    if (piped !== MISSING) values.push(this.#typed(piped, typeAt(given.length)));
    try {
      return callFunction(called, values);
    } catch (error) {
      if (error instanceof Suspend || error instanceof TemplateExecError) throw error;
      this.#node = node;
      return this.#fail(`error calling ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #argument(dot: GoValue, type: GoType, node: Operand): GoValue {
    this.#node = node;
    switch (node.kind) {
      case 'dot':
        return this.#typed(dot, type);
      case 'field':
      case 'variable':
      case 'chain':
        return this.#typed(this.#access(dot, node, [node], MISSING), type);
      case 'pipe':
        return this.#typed(this.#pipeline(dot, node), type);
      case 'identifier':
        return this.#typed(this.#call(dot, node.name, node, node, [node], MISSING), type);
      case 'nil':
        return type === 'any' ? null : this.#fail(`cannot assign nil to ${type}`);
      default:
        return this.#literal(node, type);
    }
  }

  /** A constant takes the type that is asked for, where it can. */
  #literal(node: Extract<Operand, { kind: 'bool' | 'number' | 'string' }>, type: GoType): GoValue {
    const { value } = node;
    const expected = { bool: 'boolean', string: 'string' }[type as string];
    if (type === 'any' || expected === typeof value) return value;
    if (typeof value === 'bigint' || typeof value === 'number') {
      if (type === 'float64') return Number(value);
      if (type === 'int' && (typeof value === 'bigint' || Number.isInteger(value))) return BigInt(value);
    }
    const wanted = { bool: 'bool', string: 'string', int: 'integer', float64: 'float' }[type as string];
    if (wanted) return this.#fail(`expected ${wanted}; found ${describe(node)}`);
    return this.#fail(`can't handle ${describe(node)} for arg of type ${type}`);
  }

  #typed(value: GoValue, type: GoType): GoValue {
    const fault = checkType(value, type);
    return fault === undefined ? value : this.#fail(fault);
  }

  #lookup(name: string): GoValue {
    return this.#variables.findLast((variable) => variable.name === name)?.value ?? null;
  }

  #assign(name: string, value: GoValue): void {
    const variable = this.#variables.findLast((one) => one.name === name);
    if (variable) variable.value = value;
  }

  #write(text: string): void {
    this.#output += text;
    if (this.#output.length > MAX_OUTPUT) this.#fail(`the output is longer than ${MAX_OUTPUT} characters`);
  }

  #fail(reason: string): never {
    if (!this.#node) throw new TemplateExecError(`template: ${this.#tree.name}: ${reason}`);
    const before = this.#tree.source.slice(0, this.#node.at);
    const lineStart = before.lastIndexOf('\n') + 1;
    const line = before.split('\n').length;
    const column = new TextEncoder().encode(before.slice(lineStart)).length;
    const place = `${this.#tree.name}:${line}:${column}`;
    throw new TemplateExecError(
      `template: ${place}: executing ${quote(this.#name)} at <${describe(this.#node)}>: ${reason}`,
    );
  }
}
