/** The rows write the URL and follow it; the router draws it later than it changes. */
import { act, cleanup, render, screen } from '@testing-library/react';
import { useLayoutEffect } from 'react';
import { BrowserRouter } from 'react-router';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { useUrlState } from '../../hooks/use-url-state.ts';
import { readExploreState, writeExploreState } from './explore-state.ts';
import { type QueryRows, useQueryRows } from './use-query-rows.ts';

let rows: QueryRows;
let onDrawn: (query: string | undefined) => void = () => {};
const drawn: string[] = [];

function Page() {
  const { state, setState, newest } = useUrlState(readExploreState, writeExploreState);
  rows = useQueryRows(
    state.queries,
    newest,
    (queries) => setState({ queries }),
    () => {},
  );
  const query = state.queries[0]?.text;
  useLayoutEffect(() => void onDrawn(query), [query]);
  const text = rows.rows.map(({ ran, draft }) => `${ran.text}/${draft}`).join(' ');
  drawn.push(text);
  return <output>{text}</output>;
}

const shown = () => screen.getByRole('status').textContent;
const key = () => rows.rows[0]!.key;

beforeEach(() => window.history.replaceState(null, '', '/explore?query=up'));
afterEach(() => {
  cleanup();
  onDrawn = () => {};
});

it('a query that is changed and changed back before the URL is drawn is as it was', () => {
  render(<Page />, { wrapper: BrowserRouter });
  act(() => {
    rows.run('down');
    rows.run('up');
  });
  expect(window.location.search).toBe('?query=up');
  expect(shown()).toBe('up/up');
});

it('the rows never go back to a URL that is drawn late', () => {
  render(<Page />, { wrapper: BrowserRouter });
  onDrawn = (query) => {
    if (query !== 'down') return;
    rows.run('sum(up)');
    drawn.length = 0;
  };
  act(() => rows.run('down'));
  expect(new Set(drawn)).toEqual(new Set(['sum(up)/sum(up)']));
  expect(window.location.search).toBe('?query=sum%28up%29');
});

it('the rows follow the URL back, and keep what is written in rows whose query stays', async () => {
  render(<Page />, { wrapper: BrowserRouter });
  act(() => rows.add('down'));
  act(() => rows.setDraft(key(), 'sum(up)'));
  expect(shown()).toBe('up/sum(up) down/down');
  await act(async () => {
    const popped = new Promise((resolve) => window.addEventListener('popstate', resolve, { once: true }));
    window.history.back();
    await popped;
  });
  expect(window.location.search).toBe('?query=up');
  expect(shown()).toBe('up/sum(up)');
});

it('a row that is added and switched off in one go is both', () => {
  render(<Page />, { wrapper: BrowserRouter });
  act(() => {
    rows.add('down');
    rows.change(key(), { off: true });
  });
  expect(window.location.search).toBe('?query=up&query=down&off=A');
  expect(shown()).toBe('up/up down/down');
});

it('what is written and was not run stays when another view of the same queries is opened', () => {
  render(<Page />, { wrapper: BrowserRouter });
  act(() => rows.setDraft(key(), 'sum(up)'));
  act(() => rows.change(key(), { off: true }));
  expect(window.location.search).toBe('?query=up&off=A');
  expect(shown()).toBe('up/sum(up)');
});
