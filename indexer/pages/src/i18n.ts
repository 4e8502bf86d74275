// The words of the interface, in the reader's language: one file of messages a language, of which
// the page loads the one that is chosen.
import { ComponentChildren } from "preact";
import type en from "./messages/en.json";

/// A message of the interface; a name that no file has does not compile.
export type Key = keyof typeof en;
type Message = string | Partial<Record<Intl.LDMLPluralRule, string>>;

/// The languages that there is a file for, each by its own name.
export const interfaceLanguages = {
  en: "English",
  fr: "Français",
  de: "Deutsch",
  es: "Español",
  zh: "中文",
  ar: "العربية",
};
export type InterfaceLanguage = keyof typeof interfaceLanguages;

const remembered = "vigie.language";
const baseOf = (tag: string) => tag.toLowerCase().split("-")[0]!;
const isOurs = (tag: string | null): tag is InterfaceLanguage =>
  tag !== null && tag in interfaceLanguages;

function kept(): string | null {
  try {
    return localStorage.getItem(remembered);
  } catch {
    return null; // a browser that keeps nothing
  }
}

function preferred(): InterfaceLanguage {
  const own = kept();
  if (isOurs(own)) return own;
  return navigator.languages.map(baseOf).find(isOurs) ?? "en";
}

const language = preferred();
/// The reader's own way to write numbers and times, if it is of the language of the interface.
const tag = navigator.languages.find((one) => baseOf(one) === language) ?? language;
/// Digits are those of the queries, addresses and charts around them, in every language.
const numbers = `${tag}-u-nu-latn`;
const plurals = new Intl.PluralRules(numbers);
let messages: Record<string, Message> = {};

export const interfaceLanguage = (): InterfaceLanguage => language;
/// For Intl: numbers, times and names.
export const locale = () => numbers;

/// Keeps the choice and draws the page anew; a view is its URL, so that nothing is lost.
export function chooseLanguage(to: string) {
  try {
    localStorage.setItem(remembered, to);
  } catch {
    /* chosen for nothing: the browser keeps nothing */
  }
  window.location.reload();
}

/// Loads the messages and sets language and direction of the page; to be awaited before anything
/// is drawn. Errors: the server does not answer.
export async function loadMessages(): Promise<void> {
  document.documentElement.lang = language;
  document.documentElement.dir = language === "ar" ? "rtl" : "ltr";
  const response = await fetch(`/assets/messages/${language}.json`);
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  messages = await response.json();
}

/// The pieces of a message: its words, and the values between them. `n` chooses the plural form.
function pieces<Value>(key: Key, values: Record<string, Value>): (string | Value)[] {
  const message = messages[key] ?? key;
  const text =
    typeof message === "string"
      ? message
      : (message[plurals.select(Number(values.n))] ?? message.other ?? key);
  return text
    .split(/\{(\w+)\}/)
    .map((piece, i) => (i % 2 === 0 ? piece : (values[piece] ?? `{${piece}}`)));
}

const written = (value: string | number) =>
  typeof value === "number" ? value.toLocaleString(numbers) : value;

/// A message with its values; numbers are written as the language writes them.
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return pieces(key, values).map(written).join("");
}

/// A message between whose words stand elements.
export function withParts(
  key: Key,
  values: Record<string, ComponentChildren>,
): ComponentChildren[] {
  return pieces(key, values).map((piece) => (typeof piece === "number" ? written(piece) : piece));
}
