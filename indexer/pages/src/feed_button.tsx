// The URL of a feed for a feed reader. Where keys are asked for it holds a token, told once.
import { useState } from "preact/hooks";
import { MadeFeed, call } from "./api";

export function FeedButton({ feed }: { feed: { subscription?: string; query?: string } }) {
  const [made, set] = useState<MadeFeed | null>(null),
    [error, setError] = useState("");
  const make = () =>
    call<MadeFeed>("POST", "/v1/feeds", {}, feed).then(set, (e) => setError(e.message));
  if (made)
    return (
      <span class="feed-urls" role="status">
        <a href={made.atom}>Atom</a> <a href={made.json}>JSON Feed</a>
        {made.id && (
          <span class="quiet">
            {" "}
            Copy one of these links into your feed reader now: whoever has it reads this feed, and
            it is shown once.
          </span>
        )}
      </span>
    );
  return (
    <>
      <button onClick={make}>Feed</button>
      {error && (
        <span class="problem" role="alert">
          {error}
        </span>
      )}
    </>
  );
}
