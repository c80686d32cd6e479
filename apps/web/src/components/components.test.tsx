/** Behaviour that keyboards and screen readers depend on. */
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { Banner } from './Banner.tsx';
import { Field } from './Field.tsx';
import { Legend } from './Legend.tsx';
import { Menu } from './Menu.tsx';
import { Popover } from './Popover.tsx';
import { Score } from './Score.tsx';
import { Segmented } from './Segmented.tsx';
import { Tabs } from './Tabs.tsx';

afterEach(cleanup);
const byName = (role: string, name: string | RegExp): HTMLElement => screen.getByRole(role, { name });

describe('components', () => {
  it('a popover closes with Escape and gives the focus back', () => {
    render(
      <Popover label="Details" trigger="Open">
        {() => 'inside'}
      </Popover>,
    );
    const trigger = byName('button', 'Open');
    fireEvent.click(trigger);
    expect(trigger.getAttribute('aria-expanded')).toBe('true');
    expect(byName('dialog', 'Details').textContent).toBe('inside');
    fireEvent.keyDown(document, { key: 'Escape' });
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(document.activeElement).toBe(trigger);
  });

  it('a menu moves with arrows, wraps round, and closes on choice', () => {
    const chosen: string[] = [];
    const items = ['one', 'two'].map((key) => ({ key, label: key, onSelect: () => chosen.push(key) }));
    render(<Menu label="Choice" trigger="Open" items={items} />);
    fireEvent.click(byName('button', 'Open'));
    const menu = byName('menu', 'Choice');
    expect(document.activeElement?.textContent).toBe('one');
    fireEvent.keyDown(menu, { key: 'ArrowUp' });
    expect(document.activeElement?.textContent).toBe('two');
    fireEvent.click(document.activeElement!);
    expect(chosen).toEqual(['two']);
    expect(screen.queryByRole('menu')).toBeNull();
  });

  it('tabs move with arrows and tie the panel to the chosen tab', () => {
    let value = 'a';
    const tabs = [
      { value: 'a', label: 'A' },
      { value: 'b', label: 'B' },
    ];
    const show = () => (
      <Tabs
        label="Views"
        value={value}
        tabs={tabs}
        onChange={(next) => {
          value = next;
        }}
      >
        {value}
      </Tabs>
    );
    const { rerender } = render(show());
    act(() => {
      fireEvent.keyDown(byName('tablist', 'Views'), { key: 'ArrowLeft' });
    });
    rerender(show());
    expect(byName('tab', 'B').getAttribute('aria-selected')).toBe('true');
    expect(byName('tabpanel', 'B').textContent).toBe('b');
  });

  it('a segmented control is a group of radio buttons', () => {
    const seen: string[] = [];
    const options = [
      { value: '1', label: '1×' },
      { value: '10', label: '10×' },
    ];
    render(<Segmented label="Speed" value="1" options={options} onChange={(value) => seen.push(value)} />);
    expect(byName('group', 'Speed')).toBeTruthy();
    fireEvent.click(byName('radio', '10×'));
    expect(seen).toEqual(['10']);
  });

  it('a field names its error', () => {
    render(<Field label="To" error="too early" />);
    const input = byName('textbox', 'To');
    expect(input.getAttribute('aria-invalid')).toBe('true');
    expect(document.getElementById(input.getAttribute('aria-describedby') ?? '')?.textContent).toBe(
      'too early',
    );
  });

  it('a score always comes with its word, and unknown is not a number', () => {
    const { container, rerender } = render(<Score score={59.99} />);
    expect(container.textContent).toBe('59warning');
    rerender(<Score score={undefined} />);
    expect(container.textContent).toBe('–unknown');
  });

  it('a banner of danger interrupts, a legend entry is a toggle', () => {
    render(
      <Banner state="critical" role="alert">
        cut
      </Banner>,
    );
    expect(screen.getByRole('alert').textContent).toContain('cut');
    const toggled: string[] = [];
    const items = [{ key: 'p50', label: 'P50', colour: 'red' }];
    render(<Legend items={items} hidden={new Set(['p50'])} onToggle={(key) => toggled.push(key)} />);
    const entry = byName('button', 'P50');
    expect(entry.getAttribute('aria-pressed')).toBe('false');
    fireEvent.click(entry);
    expect(toggled).toEqual(['p50']);
  });
});
