import { useMemo, useSyncExternalStore } from 'react';
import { en } from './words/en.ts';

export type MessageName = keyof typeof en;
/** A text, or its forms by how many there are. */
type Message = string | ({ other: string } & Partial<Record<Intl.LDMLPluralRule, string>>);
/** What every language holds: each message, counted where the English one is. */
export type Catalogue = {
  [Name in MessageName]: (typeof en)[Name] extends string ? string : Exclude<Message, string>;
};

/** The languages of the page, each called as its speakers call it. */
export const languages = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof languages;

/** How numbers and dates are written in a language. */
const locales: Record<Language, string> = { en: 'en-GB', de: 'de-DE' };
/** A language that is not spoken costs nothing: it is loaded when it is chosen. */
const catalogues: Record<Language, () => Promise<Catalogue>> = {
  en: async () => en,
  de: async () => (await import('./words/de.ts')).de,
};

/** Also read by `public/scheme.js`, before anything is drawn. */
const storageName = 'fanfare-language';

let spoken: { language: Language; catalogue: Catalogue } = { language: 'en', catalogue: en };
const listeners = new Set<() => void>();

/** The language that was chosen in this browser, or English. */
export function chosenLanguage(): Language {
  const kept = localStorage.getItem(storageName);
  return kept !== null && kept in languages ? (kept as Language) : 'en';
}

/** Speaks what was chosen, before the page is drawn. A language that cannot be loaded must not take the page along. */
export async function speakChosen(): Promise<void> {
  const language = chosenLanguage();
  if (language === 'en') return;
  await speak(language).catch((error: unknown) => {
    document.documentElement.lang = 'en';
    console.error('The language could not be loaded, so the page is in English.', error);
  });
}

/** Speaks this language from now on, and after the next visit. */
export async function speak(language: Language): Promise<void> {
  spoken = { language, catalogue: await catalogues[language]() };
  localStorage.setItem(storageName, language);
  document.documentElement.lang = language;
  for (const listener of listeners) listener();
}

/** The places of a text: `'count' | 'title'`. */
type Places<Text> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Places<Rest> : never;
type PlacesOf<M> = M extends string ? Places<M> : 'count' | Places<M[keyof M]>;
type Values<Name extends MessageName> = [PlacesOf<(typeof en)[Name]>] extends [never]
  ? []
  : [values: Record<PlacesOf<(typeof en)[Name]>, string | number>];

/** A message without places. */
export type PlainName = { [Name in MessageName]: Values<Name> extends [] ? Name : never }[MessageName];

/** The message in the language spoken, with its places filled in; numbers are written as the language writes them. */
export type Say = <Name extends MessageName>(name: Name, ...values: Values<Name>) => string;

/** What a part of the page speaks with. It is drawn anew when another language is chosen. */
export function useWords(): { say: Say; language: Language; locale: string } {
  const { language, catalogue } = useSyncExternalStore(listen, () => spoken);
  return useMemo(() => {
    const locale = locales[language];
    return { language, locale, say: (name, ...values) => fill(catalogue[name], locale, values[0]) };
  }, [language, catalogue]);
}

/** A message with its places filled in. */
export function fill(message: Message, locale: string, values: Record<string, string | number> = {}): string {
  const text = typeof message === 'string' ? message : formOf(message, locale, Number(values.count));
  return text.replaceAll(/\{(\w+)\}/g, (place, name: string) => {
    const value = values[name];
    if (typeof value === 'number') return new Intl.NumberFormat(locale).format(value);
    return value ?? place;
  });
}

function formOf(message: Exclude<Message, string>, locale: string, count: number): string {
  return message[new Intl.PluralRules(locale).select(count)] ?? message.other;
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
