/** Alerts on the score: raised below a bound, cleared ten points above it, so that a score on the bound does not flap. */
import type { RuleText } from './yaml-text.ts';

const PAGE = 'See {{ $externalURL }}/d/service/{{ $labels.service | urlquery }}';

function scoreAlert(alert: string, severity: string, raise: number, clear: number): RuleText {
  const firing = `ALERTS{alertname="${alert}", alertstate="firing"}`;
  return {
    alert,
    labels: { severity },
    for: '30s',
    expr: [
      `watchroom:health:score < ${raise}`,
      `or (watchroom:health:score < ${clear} and on (service) ${firing})`,
    ].join('\n'),
    annotations: {
      summary: `{{ $labels.service }}: health score {{ printf "%.0f" $value }}`,
      description: `The health score of {{ $labels.service }} is {{ printf "%.1f" $value }} of 100. Raised below ${raise} for 30 s, cleared at ${clear}. ${PAGE}`,
    },
  };
}

export const ALERT_RULES: readonly RuleText[] = [
  scoreAlert('HealthLow', 'warning', 60, 70),
  scoreAlert('HealthCritical', 'critical', 40, 50),
  {
    alert: 'HealthUnknown',
    labels: { severity: 'info' },
    for: '5m',
    expr: '(svc:up:ratio unless on (service) watchroom:health:score) >= 0',
    annotations: {
      summary: '{{ $labels.service }}: health score unknown',
      description: `Less than half of what the health score of {{ $labels.service }} is made of has data. ${PAGE}`,
    },
  },
];
