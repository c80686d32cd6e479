/** The router draws a new URL in a transition: whatever is changed until then must not be lost. */
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { useLayoutEffect } from 'react';
import { BrowserRouter } from 'react-router';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type UrlState, useUrlParameters, useUrlState, useUrlText, withParameter } from './use-url-state.ts';

interface View {
  readonly tab: string;
  readonly query: string;
}

const read = (parameters: URLSearchParams): View => ({
  tab: parameters.get('tab') ?? '',
  query: parameters.get('query') ?? '',
});
const write = (parameters: URLSearchParams, { tab, query }: View) =>
  withParameter(withParameter(new URLSearchParams(parameters), 'tab', tab), 'query', query);

let url: UrlState<View>;

function Page() {
  url = useUrlState(read, write);
  return <output>{`${url.state.tab} ${url.state.query}`}</output>;
}

let onDrawn: (text: string, setText: (text: string) => void) => void = () => {};
const typedDrawn: string[] = [];

/** The list that is sought in is drawn with the URL. */
function Search() {
  const { typed, text, setText } = useUrlText('q');
  typedDrawn.push(typed);
  useLayoutEffect(() => void onDrawn(text, setText), [text, setText]);
  return (
    <>
      <input value={typed} onChange={(event) => setText(event.target.value)} />
      <output>{text}</output>
    </>
  );
}

function Filter() {
  const { parameters, change } = useUrlParameters();
  const state = parameters.get('state') ?? 'all';
  return (
    <button type="button" onClick={() => change((newest) => withParameter(newest, 'state', 'firing'))}>
      {state}
    </button>
  );
}

const shown = () => screen.getByRole('status').textContent;
const at = (search: string) => window.history.replaceState(null, '', `/explore${search}`);
const moved = (move: () => void) =>
  act(async () => {
    const popped = new Promise((resolve) => window.addEventListener('popstate', resolve, { once: true }));
    move();
    await popped;
  });
const back = () => moved(() => window.history.back());
const forward = () => moved(() => window.history.forward());

beforeEach(() => at('?theme=dark'));
afterEach(() => {
  cleanup();
  onDrawn = () => {};
});

describe('the state of a page in its URL', () => {
  it('of two changes before a render loses neither, nor what is not its own', () => {
    render(<Page />, { wrapper: BrowserRouter });
    act(() => {
      url.setState({ query: 'up' });
      url.setState({ tab: 'table' });
      expect(url.state, 'nothing is drawn yet').toEqual({ tab: '', query: '' });
      expect(url.newest()).toEqual({ tab: 'table', query: 'up' });
    });
    expect(window.location.search).toBe('?theme=dark&query=up&tab=table');
    expect(shown()).toBe('table up');
  });

  it('goes back and forward, and a change builds on where that led', async () => {
    render(<Page />, { wrapper: BrowserRouter });
    act(() => url.setState({ query: 'up' }));
    act(() => url.setState({ query: 'down' }));
    await back();
    expect(shown()).toBe(' up');
    await forward();
    expect(shown()).toBe(' down');
    act(() => url.setState({ tab: 'table' }));
    expect(window.location.search).toBe('?theme=dark&query=down&tab=table');
    await back();
    await back();
    expect(shown()).toBe(' up');
    act(() => url.setState({ tab: 'graph' }));
    expect(window.location.search).toBe('?theme=dark&query=up&tab=graph');
  });
});

describe('an input whose text is in the URL', () => {
  const input = () => screen.getByRole<HTMLInputElement>('textbox');
  const press = (key: string) => fireEvent.change(input(), { target: { value: input().value + key } });

  it('keeps each of several keys that come before the URL is drawn', () => {
    render(<Search />, { wrapper: BrowserRouter });
    act(() => {
      for (const key of 'cart') press(key);
      expect(shown(), 'nothing is drawn yet').toBe('');
      expect(input().value).toBe('cart');
    });
    expect(input().value).toBe('cart');
    expect(shown()).toBe('cart');
    expect(window.location.search).toBe('?theme=dark&q=cart');
  });

  it('never goes back to what is drawn when a key comes in between', () => {
    render(<Search />, { wrapper: BrowserRouter });
    onDrawn = (text, setText) => {
      if (text !== 'c') return;
      setText('ca');
      typedDrawn.length = 0;
    };
    act(() => press('c'));
    expect(new Set(typedDrawn)).toEqual(new Set(['ca']));
    expect(shown()).toBe('ca');
  });

  it('puts no entry into the history for each key', () => {
    render(<Search />, { wrapper: BrowserRouter });
    const before = window.history.length;
    for (const key of 'cart') press(key);
    expect(window.history.length).toBe(before);
  });

  it('shows what the URL says when that changed otherwise', async () => {
    at('?q=order');
    render(
      <>
        <Search />
        <Filter />
      </>,
      { wrapper: BrowserRouter },
    );
    expect(input().value).toBe('order');
    fireEvent.click(screen.getByRole('button', { name: 'all' }));
    for (const key of 's x') press(key);
    expect(window.location.search).toBe('?q=orders+x&state=firing');
    await back();
    expect(window.location.search).toBe('?q=order');
    expect(input().value).toBe('order');
    expect(shown()).toBe('order');
  });
});
