/**
 * A template that is parsed once and expanded many times. The executor is synchronous: a `query` whose answer is not
 * known yet suspends it, the query is run, and the template starts again with the answer at hand. All see one instant,
 * so a second run gives the same text up to that point.
 */
import type { Awaitable } from '@watchroom/model';
import { BUILTINS } from './builtins.ts';
import { execute, Suspend, TemplateExecError } from './exec.ts';
import type { TemplateTree } from './nodes.ts';
import { parseTemplate } from './parser.ts';
import { type FunctionContext, prometheusFunctions, type TemplateSample } from './prometheus-functions.ts';
import type { GoFunction, GoValue } from './value.ts';

/** Queries that one expansion may make. */
const MAX_QUERIES = 200;

export interface ExpandContext {
  readonly timeMs: number;
  readonly externalUrl: string;
  readonly query: (promql: string, timeMs: number) => Awaitable<readonly TemplateSample[]>;
  readonly missingKeyIsError?: boolean;
}

class NeedsQuery extends Suspend {
  readonly promql: string;

  constructor(promql: string) {
    super('the template waits for a query');
    this.promql = promql;
  }
}

type Answer = { readonly samples: readonly TemplateSample[] } | { readonly error: string };

/** What the functions of a template see while it runs. */
class Run implements FunctionContext {
  nowSeconds = 0;
  externalUrl = '';
  answers: ReadonlyMap<string, Answer> = new Map();
  template: FunctionContext['template'] = () => '';

  query(promql: string): readonly TemplateSample[] {
    const known = this.answers.get(promql);
    if (!known) throw new NeedsQuery(promql);
    if ('error' in known) throw new Error(known.error);
    return known.samples;
  }
}

/** One for all templates: the executor is synchronous, so that each run has it for itself. */
const run = new Run();
const FUNCTIONS: ReadonlyMap<string, GoFunction> = new Map([...BUILTINS, ...prometheusFunctions(run)]);

export class Template {
  readonly #tree: TemplateTree;

  /** Throws TemplateParseError. */
  constructor(name: string, source: string) {
    this.#tree = parseTemplate(name, source, (called) => FUNCTIONS.has(called));
  }

  /** Rejects with TemplateExecError. */
  async expand(data: GoValue, context: ExpandContext): Promise<string> {
    const answers = new Map<string, Answer>();
    for (;;) {
      try {
        return this.#run(data, context, answers);
      } catch (error) {
        if (!(error instanceof NeedsQuery)) throw error;
        if (answers.size >= MAX_QUERIES)
          throw new TemplateExecError(`template: ${this.#tree.name}: more than ${MAX_QUERIES} queries`);
        answers.set(error.promql, await answer(error.promql, context));
      }
    }
  }

  #run(data: GoValue, context: ExpandContext, answers: ReadonlyMap<string, Answer>): string {
    const settings = { functions: FUNCTIONS, missingKeyIsError: context.missingKeyIsError === true };
    run.nowSeconds = context.timeMs / 1000;
    run.externalUrl = context.externalUrl;
    run.answers = answers;
    run.template = (name, inner) => {
      const body = this.#tree.defined.get(name);
      if (!body) throw new Error(`template "${name}" not defined`);
      return execute({ ...this.#tree, body }, inner, settings);
    };
    return execute(this.#tree, data, settings);
  }
}

async function answer(promql: string, context: ExpandContext): Promise<Answer> {
  try {
    return { samples: await context.query(promql, context.timeMs) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
