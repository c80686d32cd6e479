/**
 * What a page shows, kept in its URL. The router draws a new URL in a transition, so what was rendered last may be older
 * than the address: of two changes in a row the second must build on the address, or it undoes the first.
 */
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useLocation, useNavigate } from 'react-router';

interface ChangeOptions {
  /** Put it in the place of the current entry of the history, for what changes with each key. */
  readonly replace?: boolean;
}

export interface UrlParameters {
  /** As they are drawn. */
  readonly parameters: URLSearchParams;
  /** What `next` makes of the newest parameters; it may change those it is given. */
  readonly change: (next: (newest: URLSearchParams) => URLSearchParams, options?: ChangeOptions) => void;
}

const newestParameters = (): URLSearchParams => new URLSearchParams(window.location.search);

export function useUrlParameters(): UrlParameters {
  const { search } = useLocation();
  const navigate = useNavigate();
  const parameters = useMemo(() => new URLSearchParams(search), [search]);
  const change = useCallback<UrlParameters['change']>(
    (next, options) => void navigate(`?${next(newestParameters())}`, options),
    [navigate],
  );
  return { parameters, change };
}

export interface UrlState<State> {
  /** As it is drawn. */
  readonly state: State;
  /** What is not named stays as it is in the address. */
  readonly setState: (change: Partial<State>) => void;
  /** As the address has it, which may not be drawn yet. */
  readonly newest: () => State;
}

/** `read` and `write` keep their identity between renders; `write` leaves parameters that are not its own. */
export function useUrlState<State extends object>(
  read: (parameters: URLSearchParams) => State,
  write: (parameters: URLSearchParams, state: State) => URLSearchParams,
): UrlState<State> {
  const { parameters, change } = useUrlParameters();
  const state = useMemo(() => read(parameters), [parameters, read]);
  const setState = useCallback(
    (part: Partial<State>) => change((newest) => write(newest, { ...read(newest), ...part })),
    [change, read, write],
  );
  const newest = useCallback(() => read(newestParameters()), [read]);
  return { state, setState, newest };
}

export interface UrlText {
  /** As it was typed: for the input. */
  readonly typed: string;
  /** As it is drawn: for what is sought with it. */
  readonly text: string;
  readonly setText: (text: string) => void;
}

/** The text of an input in the URL. An input that waited for the URL to be drawn would lose keys. */
export function useUrlText(name: string): UrlText {
  const { parameters, change } = useUrlParameters();
  const text = parameters.get(name) ?? '';
  const [typed, setTyped] = useState(text);
  useEffect(() => {
    // Drawn late: what was typed since is in the address already.
    if ((newestParameters().get(name) ?? '') === text) setTyped(text);
  }, [name, text]);
  const setText = useCallback(
    (next: string) => {
      setTyped(next);
      change((parameters) => withParameter(parameters, name, next), { replace: true });
    },
    [change, name],
  );
  return { typed, text, setText };
}

/** A parameter without a value is left out. */
export function withParameter(
  parameters: URLSearchParams,
  name: string,
  value: string | undefined,
): URLSearchParams {
  if (value) parameters.set(name, value);
  else parameters.delete(name);
  return parameters;
}
