/** Language of the page: kept in local storage, first taken from the browser, overridden by `?lang=`. */
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { en, type MessageKey } from './en.ts';
import { zh } from './zh.ts';

export type Locale = 'en' | 'zh';
export type Vars = Readonly<Record<string, string | number>>;
export type Translate = (key: MessageKey, vars?: Vars) => string;

const STORED = 'watchroom.locale';
const CATALOGUES: Readonly<Record<Locale, Readonly<Record<MessageKey, string>>>> = { en, zh };
export const LOCALE_TAGS: Readonly<Record<Locale, string>> = { en: 'en', zh: 'zh-CN' };

interface I18n {
  readonly locale: Locale;
  readonly setLocale: (locale: Locale) => void;
  readonly t: Translate;
}

export function translator(locale: Locale): Translate {
  const catalogue = CATALOGUES[locale];
  return (key, vars) => {
    const text = catalogue[key];
    return vars ? text.replace(/\{(\w+)\}/g, (whole, name: string) => String(vars[name] ?? whole)) : text;
  };
}

const Context = createContext<I18n>({ locale: 'en', setLocale: () => {}, t: translator('en') });

const isLocale = (text: string | null): text is Locale => text === 'en' || text === 'zh';

function initialLocale(): Locale {
  const asked = new URLSearchParams(window.location.search).get('lang');
  if (isLocale(asked)) return asked;
  const stored = window.localStorage.getItem(STORED);
  if (isLocale(stored)) return stored;
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

export function I18nProvider({ children }: { children: ReactNode }) {
  const [locale, setState] = useState<Locale>(initialLocale);
  useEffect(() => {
    document.documentElement.lang = LOCALE_TAGS[locale];
  }, [locale]);
  const value = useMemo<I18n>(
    () => ({
      locale,
      setLocale: (next) => {
        window.localStorage.setItem(STORED, next);
        setState(next);
      },
      t: translator(locale),
    }),
    [locale],
  );
  return <Context value={value}>{children}</Context>;
}

export const useI18n = (): I18n => useContext(Context);
export const useT = (): Translate => useContext(Context).t;
