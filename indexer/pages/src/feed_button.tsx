// The URL of a feed for a feed reader. Where keys are asked for it holds a token, told once.
import { useState } from "preact/hooks";
import { MadeFeed, call } from "./api";
import { t } from "./i18n";
import { Why } from "./text";

export function FeedButton({ feed }: { feed: { subscription?: string; query?: string } }) {
  const [made, set] = useState<MadeFeed | null>(null),
    [error, setError] = useState<Error | null>(null);
  const make = () => call<MadeFeed>("POST", "/v1/feeds", {}, feed).then(set, setError);
  if (made)
    return (
      <span class="feed-urls" role="status">
        <a href={made.atom}>Atom</a> <a href={made.json}>JSON Feed</a>
        {made.id && <span class="quiet"> {t("feed.once")}</span>}
      </span>
    );
  return (
    <>
      <button onClick={make}>{t("feed.feed")}</button>
      {error && (
        <span class="problem" role="alert">
          <Why error={error} />
        </span>
      )}
    </>
  );
}
