// The search box: the whole query language, with completion and with the error at its position.
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, Suggestion, Suggestions, get } from "./api";
import { HelpButton } from "./help";
import { t } from "./i18n";

/// Completions of the word before the caret: where it begins, what may stand there, which is
/// chosen.
interface Choices {
  begin: number;
  list: Suggestion[];
  at: number;
}
const none: Choices = { begin: 0, list: [], at: -1 };

/// One choice up or down; beside the choices there is one more place, where none is chosen.
function moved(choices: Choices, step: 1 | -1): Choices {
  const places = choices.list.length + 1;
  return {
    ...choices,
    at: ((choices.at + step + places) % places) - (choices.at + step < 0 ? 1 : 0),
  };
}

/// The text with the word before the caret replaced by a choice.
function completed(text: string, caret: number, begin: number, choice: Suggestion): string {
  const after = text.slice(caret);
  const space = choice.insert.endsWith(":") || after.startsWith(" ") ? "" : " ";
  return text.slice(0, begin) + choice.insert + space + after;
}

function useChoices() {
  const [choices, set] = useState<Choices>(none);
  const asked = useRef(0);
  const ask = (before: string) => {
    const turn = ++asked.current;
    if (!/[^\s(]$/.test(before)) {
      set(none);
      return;
    }
    get<Suggestions>("/v1/suggest", { q: before }).then(
      (response) => {
        if (turn !== asked.current) return;
        // What is chosen already stays chosen when the list for a letter more comes late.
        const stays = (old: Choices) =>
          old.at < 0
            ? -1
            : response.suggestions.findIndex(
                (choice) => choice.insert === old.list[old.at]?.insert,
              );
        set((old) => ({
          begin: [...before].slice(0, response.begin).join("").length,
          list: response.suggestions,
          at: stays(old),
        }));
      },
      () => undefined,
    );
  };
  /// Nothing is offered any more, nor what was asked for and has not come yet.
  const forget = () => {
    ++asked.current;
    set(none);
  };
  return { choices, set, ask, forget };
}

type Field = HTMLInputElement | HTMLTextAreaElement;
type Caret = { current: Field | null };

/// What is typed, and what completes it; `input` is where the caret is.
function useCompletion(text: string, set: (text: string) => void, input: Caret) {
  const { choices, set: setChoices, ask, forget: close } = useChoices();
  const caretIn = (now: string) => input.current?.selectionStart ?? now.length;
  function typed(now: string) {
    set(now);
    ask(now.slice(0, caretIn(now)));
  }
  function take(choice: Suggestion) {
    set(completed(text, caretIn(text), choices.begin, choice));
    close();
    input.current?.focus();
  }
  function pressed(event: KeyboardEvent) {
    if (!choices.list.length) return;
    const choice = choices.list[choices.at];
    if (event.key === "Escape") close();
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setChoices(moved(choices, event.key === "ArrowDown" ? 1 : -1));
    } else if ((event.key === "Enter" || event.key === "Tab") && choice) {
      event.preventDefault();
      take(choice);
    }
  }
  return { choices, typed, take, pressed, close };
}

function Completions({ choices, take }: { choices: Choices; take: (choice: Suggestion) => void }) {
  return (
    <ul id="suggestions" role="listbox" aria-label={t("search.completions")}>
      {choices.list.map((choice, i) => (
        <li
          id={`suggestion-${i}`}
          key={choice.insert}
          role="option"
          aria-selected={i === choices.at}
          onMouseDown={(event) => {
            event.preventDefault();
            take(choice);
          }}
        >
          <bdi>{choice.label}</bdi>
          <span class="quiet">{choice.insert}</span>
        </li>
      ))}
    </ul>
  );
}

/// What is wrong with a query, at its place in it.
export function QueryError({ error, text }: { error: Error; text: string }) {
  const position = error instanceof ApiError ? error.position : null;
  const characters = [...text];
  return (
    <p id="query-error" class="query-error" role="alert" lang="en" dir="ltr">
      {position !== null && (
        <code>
          {characters.slice(0, position).join("")}
          <mark>{characters.slice(position, position + 1).join("") || "▲"}</mark>
          {characters.slice(position + 1).join("")}
        </code>
      )}{" "}
      {error.message}
    </p>
  );
}

/// What a field says of itself that completes what is typed. One of several lines is no combobox
/// (ARIA in HTML), whatever it offers.
const completing = (choices: Choices, error: Error | null, lines: number) =>
  ({
    role: lines === 1 ? "combobox" : undefined,
    "aria-expanded": lines === 1 ? choices.list.length > 0 : undefined,
    "aria-controls": lines === 1 || choices.list.length > 0 ? "suggestions" : undefined,
    "aria-autocomplete": "list",
    "aria-activedescendant": choices.at >= 0 ? `suggestion-${choices.at}` : undefined,
    "aria-invalid": Boolean(error),
    "aria-describedby": error ? "query-error" : undefined,
  }) as const;

/// What is offered when the query goes off is not what is asked for next; Enter sends several lines
/// as it sends one.
function sent(event: KeyboardEvent, lines: number, close: () => void) {
  close();
  if (lines === 1) return;
  event.preventDefault();
  (event.currentTarget as Field).form?.requestSubmit();
}

/// The field that takes a query, with its completions: one line, or several where there is room.
export function QueryField(props: {
  id?: string;
  value: string;
  set: (text: string) => void;
  error?: Error | null;
  label: string;
  lines?: number;
  placeholder?: string;
  input?: Caret;
}) {
  const { id, value, set, error = null, label, lines = 1, placeholder } = props;
  const own = useRef<Field>(null);
  const input = props.input ?? own;
  const { choices, typed, take, pressed, close } = useCompletion(value, set, input);
  const attributes = {
    id,
    name: "q",
    value,
    autocomplete: "off",
    spellcheck: false,
    dir: "auto",
    enterkeyhint: "search",
    placeholder,
    "aria-label": label,
    ...completing(choices, error, lines),
    onBlur: close,
  } as const;
  const leave = (event: KeyboardEvent) => {
    pressed(event);
    if (event.key === "Enter" && !event.defaultPrevented) sent(event, lines, close);
  };
  return (
    <div class="box">
      {lines > 1 ? (
        <textarea
          {...attributes}
          ref={(element) => void (input.current = element)}
          rows={lines}
          onInput={(event) => typed(event.currentTarget.value)}
          onKeyDown={leave}
        />
      ) : (
        <input
          {...attributes}
          ref={(element) => void (input.current = element)}
          type="text"
          onInput={(event) => typed(event.currentTarget.value)}
          onKeyDown={leave}
        />
      )}
      {choices.list.length > 0 && <Completions choices={choices} take={take} />}
    </div>
  );
}

export function SearchBox(props: {
  value: string;
  onSubmit: (q: string) => void;
  error: Error | null;
}) {
  const { value, onSubmit, error } = props;
  const [text, set] = useState(value);
  useEffect(() => {
    set(value);
  }, [value]);
  function submit(event: Event) {
    event.preventDefault();
    onSubmit(text.trim());
  }
  return (
    <form class="search" role="search" onSubmit={submit}>
      <QueryField
        id="q"
        value={text}
        set={set}
        error={error}
        label={t("search.search")}
        placeholder={t("search.placeholder")}
      />
      <HelpButton class="help" />
      <button type="submit">{t("search.search")}</button>
    </form>
  );
}
