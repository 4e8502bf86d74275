// The search box: the whole query language, with completion and with the error at its position.
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, Suggestion, get } from "./api";

export function SearchBox({
  value,
  onSubmit,
  error,
}: {
  value: string;
  onSubmit: (q: string) => void;
  error: Error | null;
}) {
  const [text, set] = useState(value);
  const [choices, setChoices] = useState<{ begin: number; list: Suggestion[]; at: number }>({
    begin: 0,
    list: [],
    at: -1,
  });
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    set(value);
  }, [value]);
  const asked = useRef(0);

  function typed(now: string) {
    set(now);
    const turn = ++asked.current;
    const caret = input.current?.selectionStart ?? now.length;
    const before = now.slice(0, caret);
    if (!/[^\s(]$/.test(before)) {
      setChoices({ begin: 0, list: [], at: -1 });
      return;
    }
    get<{ begin: number; suggestions: Suggestion[] }>("/v1/suggest", { q: before }).then(
      (answer) => {
        if (turn !== asked.current) return;
        // What is chosen already stays chosen when the list for a letter more comes late.
        setChoices((old) => ({
          begin: [...before].slice(0, answer.begin).join("").length,
          list: answer.suggestions,
          at:
            old.at < 0
              ? -1
              : answer.suggestions.findIndex(
                  (choice) => choice.insert === old.list[old.at]?.insert,
                ),
        }));
      },
      () => undefined,
    );
  }
  function take(choice: Suggestion) {
    const caret = input.current?.selectionStart ?? text.length;
    const after = text.slice(caret);
    const now =
      text.slice(0, choices.begin) +
      choice.insert +
      (choice.insert.endsWith(":") || after.startsWith(" ") ? "" : " ") +
      after;
    set(now);
    setChoices({ begin: 0, list: [], at: -1 });
    input.current?.focus();
  }
  const position = error instanceof ApiError ? error.position : null;
  const characters = [...text];
  return (
    <form
      class="search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        setChoices({ begin: 0, list: [], at: -1 });
        onSubmit(text.trim());
      }}
    >
      <div class="box">
        <input
          id="q"
          ref={input}
          type="text"
          name="q"
          value={text}
          autocomplete="off"
          spellcheck={false}
          dir="auto"
          enterkeyhint="search"
          placeholder="Search: export controls, topic:ai-chips, lang:fr, within:24h…"
          aria-label="Search"
          role="combobox"
          aria-expanded={choices.list.length > 0}
          aria-controls="suggestions"
          aria-autocomplete="list"
          aria-activedescendant={choices.at >= 0 ? `suggestion-${choices.at}` : undefined}
          aria-invalid={Boolean(error)}
          aria-describedby={error ? "query-error" : undefined}
          onInput={(event) => typed(event.currentTarget.value)}
          onBlur={() => setTimeout(() => setChoices({ begin: 0, list: [], at: -1 }), 150)}
          onKeyDown={(event) => {
            if (!choices.list.length) return;
            if (event.key === "ArrowDown" || event.key === "ArrowUp") {
              event.preventDefault();
              const step = event.key === "ArrowDown" ? 1 : -1;
              setChoices({
                ...choices,
                at:
                  ((choices.at + step + choices.list.length + 1) % (choices.list.length + 1)) -
                  (choices.at + step < 0 ? 1 : 0),
              });
            } else if (event.key === "Escape") setChoices({ begin: 0, list: [], at: -1 });
            else if (
              (event.key === "Enter" || event.key === "Tab") &&
              choices.at >= 0 &&
              choices.list[choices.at]
            ) {
              event.preventDefault();
              take(choices.list[choices.at]!);
            }
          }}
        />
        {choices.list.length > 0 && (
          <ul id="suggestions" role="listbox" aria-label="Completions">
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
        )}
      </div>
      <button type="submit">Search</button>
      {error && (
        <p id="query-error" class="query-error" role="alert">
          {position !== null && (
            <code>
              {characters.slice(0, position).join("")}
              <mark>{characters.slice(position, position + 1).join("") || "▲"}</mark>
              {characters.slice(position + 1).join("")}
            </code>
          )}{" "}
          {error.message}
        </p>
      )}
    </form>
  );
}
