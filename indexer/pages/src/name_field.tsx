// The name that people give to what they keep.
import { useEffect, useRef } from "preact/hooks";

const longest = 120; // characters, as the API takes

/// In whatever language. `label`: said to whom a label around the field does not say it; `focused`:
/// typing begins at once.
export function NameField(props: {
  value: string;
  set: (name: string) => void;
  label?: string;
  hint?: string;
  focused?: boolean;
}) {
  const { value, set, label, hint = label, focused = false } = props;
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (focused) field.current?.focus();
  }, []);
  return (
    <input
      ref={field}
      aria-label={label}
      placeholder={hint}
      maxLength={longest}
      required
      dir="auto"
      value={value}
      onInput={(event) => set(event.currentTarget.value)}
    />
  );
}
