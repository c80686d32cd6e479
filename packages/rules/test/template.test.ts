import { describe, expect, it } from 'vitest';
import { AlertTemplate, Template } from '../src/index.ts';
import { formatFloat } from '../src/template/format-float.ts';
import { GoMap, GoSlice, GoStruct, type GoValue } from '../src/template/value.ts';

const DATA = new GoStruct('data', {
  Labels: GoMap.ofStrings({ job: 'api', instance: 'h1:80' }),
  Value: 12.5,
  List: new GoSlice('[]string', ['a', 'b', 'c']),
  Empty: new GoSlice('[]string', []),
});

async function run(text: string, data: GoValue = DATA): Promise<string> {
  try {
    return await new Template('t', text).expand(data, {
      timeMs: 1_700_000_000_000,
      externalUrl: 'http://x/base',
      query: (promql) => {
        if (promql === 'bad') throw new Error('no such thing');
        return [
          { labels: { q: promql }, value: 7 },
          { labels: { q: 'a' }, value: 8 },
        ];
      },
    });
  } catch (error) {
    return (error as Error).message;
  }
}

describe('templates', () => {
  it.each<[string, string]>([
    ['{{ .Labels.job }}/{{ $.Value }}', 'api/12.5'],
    ['a  {{- " b " -}}  c', 'a b c'],
    ['a{{/* said nothing */}}b{{- /* twice */ -}} c', 'abc'],
    ['{{ if eq .Labels.job "web" "api" }}yes{{ else }}no{{ end }}', 'yes'],
    ['{{ if lt .Value 5.0 }}low{{ else if gt .Value 10.0 }}high{{ else }}mid{{ end }}', 'high'],
    ['{{ if and .Labels.none (len .Nothing.there) }}x{{ else }}short{{ end }}', 'short'],
    ['{{ or .Labels.none "fallback" }}', 'fallback'],
    ['{{ range $i, $v := .List }}{{ if $i }},{{ end }}{{ $i }}{{ $v }}{{ end }}', '0a,1b,2c'],
    ['{{ range .List }}{{ if eq . "b" }}{{ continue }}{{ end }}{{ . }}{{ end }}', 'ac'],
    ['{{ range .List }}{{ if eq . "b" }}{{ break }}{{ end }}{{ . }}{{ end }}', 'a'],
    ['{{ range .Empty }}x{{ else }}none{{ end }}', 'none'],
    ['{{ range $k, $v := .Labels }}{{ $k }}={{ $v }};{{ end }}', 'instance=h1:80;job=api;'],
    ['{{ range 3 }}{{ . }}{{ end }}', '012'],
    ['{{ with $x := .Labels.job }}{{ $x }}{{ . }}{{ end }}', 'apiapi'],
    ['{{ $x := 1 }}{{ range .List }}{{ $x = . }}{{ end }}{{ $x }}', 'c'],
    ['{{ define "d" }}<{{ . }}>{{ end }}{{ template "d" .Value }}{{ tmpl "d" 3 }}', '<12.5><3>'],
    ['{{ block "b" .Labels.job }}[{{ . }}]{{ end }}', '[api]'],
    [
      '{{ printf "%05.1f|%-6s|%6s|%q|%x|%+d|%t|%v" .Value "a" "b" "c\\n" 255 3 true .List }}',
      '012.5|a     |     b|"c\\n"|ff|+3|true|[a b c]',
    ],
    ['{{ printf "%d %s" .Value 1 }}', '%!d(float64=12.5) %!s(int=1)'],
    ['{{ printf "%s" "a" "b" }}{{ printf "%s" }}', 'a%!(EXTRA string=b)%!s(MISSING)'],
    ['{{ printf "%*d|%.*f|%%" 4 7 1 2.25 }}', '   7|2.2|%'],
    ['{{ .Labels }}', 'map[instance:h1:80 job:api]'],
    [
      '{{ index .Labels "job" }}{{ index .List 1 }}{{ len .Labels.job }}{{ slice .Labels.job 1 2 }}',
      'apib3p',
    ],
    ["{{ 'a' }} {{ 0x10 }} {{ 1e3 }} {{ 1_000 }} {{ `raw\\n` }}", '97 16 1000 1000 raw\\n'],
    ['{{ "<a&b>" | html }} {{ "a b&c" | urlquery }}', '&lt;a&amp;b&gt; a+b%26c'],
    ['{{ .Labels.instance | reReplaceAll "(.*):(\\\\d+)" "\x24{2}-$1" }}', '80-h1'],
    ['{{ "o\'neil mc-low x_y" | title }}', "O'Neil Mc-Low X_y"],
    ['{{ query "up" | sortByLabel "q" | first | label "q" }} {{ (query "up" | first).Value }}', 'a 7'],
    [
      '{{ graphLink "a b" }} {{ externalURL }} {{ pathPrefix }}',
      '/graph?g0.expr=a+b&g0.tab=0 http://x/base /base',
    ],
    ['{{ (now | toTime).Format "Mon Jan _2 15:04:05.000 2006" }}', 'Tue Nov 14 22:13:20.000 2023'],
    ['{{ 90 | toDuration }} {{ (0.0015 | toDuration).String }}', '1m30s 1.5ms'],
    [
      '{{ humanizeTimestamp 1.5 }} {{ humanizeDuration 90061 }} {{ humanize1024 2048 }}',
      '1970-01-01 00:00:01.5 +0000 UTC 1d 1h 1m 1s 2ki',
    ],
    ['{{ .Labels.missing }}|{{ not true }}|{{ print 1 2 "x" 3 }}', '|false|1 2x3'],
  ])('%s', async (text, expected) => {
    expect(await run(text)).toBe(expected);
  });

  it.each<[string, string]>([
    ['{{ if }}x{{ end }}', 'template: t:1: missing value for if'],
    ['{{ if .A }}x', 'template: t:1: unexpected EOF'],
    ['{{ end }}', 'template: t:1: unexpected {{end}}'],
    ['{{ nope 1 }}', 'template: t:1: function "nope" not defined'],
    ['{{ $x }}', 'template: t:1: undefined variable "$x"'],
    ['\n{{ "a }}', 'template: t:2: unterminated quoted string'],
    ['{{ (1 }}', 'template: t:1: unclosed left paren'],
    ['{{ 1 | 2 }}', 'template: t:1: non executable command in pipeline stage 2'],
    ['{{ break }}', 'template: t:1: {{break}} outside {{range}}'],
    [
      '{{ .Labels.job.x }}',
      'template: t:1:10: executing "t" at <.Labels.job.x>: can\'t evaluate field x in type string',
    ],
    [
      '{{ eq .Value 1 }}',
      'template: t:1:3: executing "t" at <eq .Value 1>: error calling eq: incompatible types for comparison',
    ],
    [
      'é {{ query "bad" }}',
      'template: t:1:6: executing "t" at <query "bad">: error calling query: no such thing',
    ],
    [
      '{{ first .Empty }}',
      'template: t:1:9: executing "t" at <.Empty>: wrong type for value; expected template.queryResult; got []string',
    ],
    [
      '{{ humanize }}',
      'template: t:1:3: executing "t" at <humanize>: wrong number of args for humanize: want 1 got 0',
    ],
    [
      '{{ match "(" "a" }}',
      'template: t:1:3: executing "t" at <match "(" "a">: error calling match: error parsing regexp',
    ],
    [
      '{{ define "r" }}{{ template "r" }}{{ end }}{{ template "r" }}',
      'template: t:1:28: executing "r" at <{{template "r"}}>: exceeded maximum template depth',
    ],
  ])('%s fails', async (text, expected) => {
    expect((await run(text)).slice(0, expected.length)).toBe(expected);
  });

  it('stops at an endless output', async () => {
    expect(await run('{{ range 100000000 }}0123456789{{ end }}')).toContain('output is longer than');
  });

  it('shows faults of alert templates as text, after the definitions that columns count', async () => {
    const context = { timeMs: 0, externalUrl: '', query: () => [] };
    const data = { labels: { a: 'b' }, externalLabels: {}, externalUrl: '', value: 1 };
    expect(await new AlertTemplate('A', '{{ $labels.a }}{{ $value }}').expand(data, context)).toBe('b1');
    expect(await new AlertTemplate('A', '{{ $labels.a.b }}').expand(data, context)).toBe(
      '<error expanding template: error executing template __alert_A: template: __alert_A:1:122: executing "__alert_A" at <$labels.a.b>: can\'t evaluate field b in type string>',
    );
    expect(await new AlertTemplate('A', '{{').expand(data, context)).toContain(
      '<error expanding template: error parsing template __alert_A:',
    );
  });
});

describe('formatFloat', () => {
  it.each<[number, string, number, string]>([
    [0.5, 'f', 0, '0'],
    [1.5, 'f', 0, '2'],
    [2.5, 'f', 0, '2'],
    [0.125, 'f', 2, '0.12'],
    [1e22, 'f', 2, '10000000000000000000000.00'],
    [0.1, 'f', 20, '0.10000000000000000555'],
    [123456789, 'g', -1, '1.23456789e+08'],
    [123456, 'g', -1, '123456'],
    [1e21, 'g', -1, '1e+21'],
    [0.0001, 'g', -1, '0.0001'],
    [0.00001, 'g', -1, '1e-05'],
    [99_995, 'g', 4, '1e+05'],
    [999.95, 'g', 4, '1000'],
    [1234.5, 'g', 4, '1234'],
    [0, 'g', -1, '0'],
    [-0, 'e', 2, '-0.00e+00'],
    [12_345, 'E', 2, '1.23E+04'],
    [5e-324, 'g', -1, '5e-324'],
    [Number.NEGATIVE_INFINITY, 'f', 2, '-Inf'],
  ])('%d %%%s %d', (value, verb, precision, expected) => {
    expect(formatFloat(value, verb, precision)).toBe(expected);
  });
});
