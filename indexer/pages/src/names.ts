// The name of a topic or actor in a language. Apart from the catalogue, so that programs may ask.

export interface Named {
  name: string;
  names: Record<string, string>;
}

const lettered = (id: string) => {
  const text = id.replace(/^[a-z]+:/, "").replace(/-/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
};

/// In the language where the pack has that, else as the pack calls it. `countryName`: of a code of
/// ISO 3166-1.
export function nameIn(
  language: string,
  id: string,
  entry: Named | undefined,
  countryName: (code: string) => string,
): string {
  const english = language === "en" ? entry?.name : undefined;
  const country = id.startsWith("country:") ? countryName(id.slice(8)) : undefined;
  return english || entry?.names[language] || country || entry?.name || lettered(id);
}
