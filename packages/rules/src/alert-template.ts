/**
 * Templates of alert labels and annotations: the text behind the definitions of `$labels`, `$externalLabels`, `$externalURL`
 * and `$value`, as Prometheus does it (rules/alerting.go), so that columns in error texts agree.
 */
import { type ExpandContext, Template } from './template/expander.ts';
import { GoMap, GoStruct, type GoValue } from './template/value.ts';

const DEFINITIONS =
  '{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}';

export interface AlertTemplateData {
  /** The sample's labels, metric name included. */
  readonly labels: Readonly<Record<string, string>>;
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly externalUrl: string;
  /** A histogram as its text. */
  readonly value: number | string;
}

/** Why the template does not parse, or undefined. */
export function checkAlertTemplate(alert: string, text: string): string | undefined {
  try {
    compile(alert, text);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** A label's or annotation's text, ready to expand. A fault in it shows in the expanded text, as in Prometheus. */
export class AlertTemplate {
  readonly #alert: string;
  readonly #text: string;
  readonly #template: Template | string;

  constructor(alert: string, text: string) {
    this.#alert = alert;
    this.#text = text;
    try {
      this.#template = compile(alert, text);
    } catch (error) {
      this.#template = `error parsing template __alert_${alert}: ${messageOf(error)}`;
    }
  }

  async expand(data: AlertTemplateData, context: ExpandContext): Promise<string> {
    if (!this.#text.includes('{{')) return this.#text;
    if (typeof this.#template === 'string') return failed(this.#template);
    try {
      return await this.#template.expand(dataValue(data), context);
    } catch (error) {
      return failed(`error executing template __alert_${this.#alert}: ${messageOf(error)}`);
    }
  }
}

function compile(alert: string, text: string): Template {
  return new Template(`__alert_${alert}`, DEFINITIONS + text);
}

function dataValue(data: AlertTemplateData): GoValue {
  return new GoStruct(
    'struct { Labels map[string]string; ExternalLabels map[string]string; ExternalURL string; Value interface {} }',
    {
      Labels: GoMap.ofStrings(data.labels),
      ExternalLabels: GoMap.ofStrings(data.externalLabels),
      ExternalURL: data.externalUrl,
      Value: data.value,
    },
  );
}

const failed = (reason: string): string => `<error expanding template: ${reason}>`;
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
