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
import { prometheusFunctions, type TemplateSample } from './prometheus-functions.ts';
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

const NAMES = new Set([
  ...BUILTINS.keys(),
  ...prometheusFunctions({ nowSeconds: 0, externalUrl: '', query: () => [], template: () => '' }).keys(),
]);

export class Template {
  readonly #tree: TemplateTree;

  /** Throws TemplateParseError. */
  constructor(name: string, source: string) {
    this.#tree = parseTemplate(name, source, (called) => NAMES.has(called));
  }

  /** Rejects with TemplateExecError. */
  async expand(data: GoValue, context: ExpandContext): Promise<string> {
    const answers = new Map<string, Answer>();
    for (;;) {
      try {
        return this.#run(this.#tree, data, context, answers);
      } catch (error) {
        if (!(error instanceof NeedsQuery)) throw error;
        if (answers.size >= MAX_QUERIES)
          throw new TemplateExecError(`template: ${this.#tree.name}: more than ${MAX_QUERIES} queries`);
        answers.set(error.promql, await answer(error.promql, context));
      }
    }
  }

  #run(
    tree: TemplateTree,
    data: GoValue,
    context: ExpandContext,
    answers: ReadonlyMap<string, Answer>,
  ): string {
    const functions = new Map<string, GoFunction>([
      ...BUILTINS,
      ...prometheusFunctions({
        nowSeconds: context.timeMs / 1000,
        externalUrl: context.externalUrl,
        query: (promql) => {
          const known = answers.get(promql);
          if (!known) throw new NeedsQuery(promql);
          if ('error' in known) throw new Error(known.error);
          return known.samples;
        },
        template: (name, inner) => {
          const body = tree.defined.get(name);
          if (!body) throw new Error(`template "${name}" not defined`);
          return this.#run({ ...tree, body }, inner, context, answers);
        },
      }),
    ]);
    return execute(tree, data, { functions, missingKeyIsError: context.missingKeyIsError === true });
  }
}

async function answer(promql: string, context: ExpandContext): Promise<Answer> {
  try {
    return { samples: await context.query(promql, context.timeMs) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
