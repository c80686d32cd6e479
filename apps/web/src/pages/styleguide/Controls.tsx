import { useState } from 'react';
import {
  Button,
  DEFAULT_RANGE,
  Drawer,
  Field,
  Icon,
  IconButton,
  Kbd,
  Menu,
  Popover,
  Segmented,
  Select,
  Tabs,
  type TimeRangeChoice,
  TimeRangePicker,
  Tooltip,
} from '../../components/index.ts';
import { useT } from '../../i18n/i18n.tsx';
import { Specimen } from './Specimen.tsx';
import styles from './Styleguide.module.css';

type Choice = 'p50' | 'p90' | 'p99';

export function Controls() {
  const t = useT();
  const [choice, setChoice] = useState<Choice>('p90');
  const choices = [
    { value: 'p50' as const, label: t('wall.p50') },
    { value: 'p90' as const, label: t('wall.p90') },
    { value: 'p99' as const, label: t('wall.p99') },
  ];
  return (
    <>
      <Specimen title={t('styleguide.controls')}>
        {(['primary', 'secondary', 'ghost', 'danger'] as const).map((variant) => (
          <Button key={variant} variant={variant}>
            {t('styleguide.normal')}
          </Button>
        ))}
        <Button icon="play" size="small">
          {t('styleguide.normal')}
        </Button>
        <Button disabled>{t('styleguide.disabled')}</Button>
        <Button busy>{t('app.loading')}</Button>
        <IconButton icon="refresh" label={t('app.error.retry')} />
        <IconButton icon="close" label={t('app.close')} disabled />
        <Segmented
          label={t('wall.latency', { service: '' })}
          value={choice}
          options={choices}
          onChange={setChoice}
        />
        <Select label={t('wall.resource')} value={choice} options={choices} onChange={setChoice} />
        <Select label={t('wall.resource')} value={choice} options={choices} onChange={setChoice} disabled />
        <Field label={t('range.from')} hint={t('range.label')} defaultValue="12:00" />
        <Field label={t('range.to')} error={t('range.invalid')} defaultValue="11:00" />
        <Field label={t('styleguide.disabled')} disabled />
        <Kbd>{'Esc'}</Kbd>
        <div className={styles.wide}>
          <Tabs label={t('wall.services')} value={choice} tabs={choices} onChange={setChoice}>
            {choice}
          </Tabs>
        </div>
      </Specimen>
      <Overlays />
    </>
  );
}

function Overlays() {
  const t = useT();
  const [open, setOpen] = useState(false);
  const [range, setRange] = useState<TimeRangeChoice>(DEFAULT_RANGE);
  const [menu, setMenu] = useState('wall');
  return (
    <Specimen title={t('styleguide.overlays')}>
      <TimeRangePicker value={range} onChange={setRange} nowMs={Date.now()} />
      <Popover label={t('connection.details')} trigger={t('connection.details')} align="start">
        {() => t('connection.unmeasured')}
      </Popover>
      <Menu
        label={t('app.more')}
        align="start"
        trigger={
          <>
            {t('app.more')} <Icon name="chevron" />
          </>
        }
        items={(['wall', 'alerts'] as const).map((key) => ({
          key,
          label: t(key === 'wall' ? 'nav.wall' : 'nav.alerts'),
          checked: key === menu,
          onSelect: () => setMenu(key),
        }))}
      />
      <Tooltip text={t('connection.clock')}>
        <Button>{t('connection.version')}</Button>
      </Tooltip>
      <Button onClick={() => setOpen(true)}>{t('app.more')}</Button>
      <Drawer title={t('connection.details')} open={open} onClose={() => setOpen(false)}>
        {t('styleguide.sample')}
      </Drawer>
    </Specimen>
  );
}
