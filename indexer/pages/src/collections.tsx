// Collections: what is kept, and by whom.
import { useState } from "preact/hooks";
import { plural } from "./english";
import { Collection, CollectionHead, Collections, call, get } from "./api";
import { Link, go, useLoaded } from "./location";
import { Empty, Loading, Problem, When } from "./text";

function NewCollection() {
  const [name, set] = useState(""),
    [error, setError] = useState<Error | null>(null);
  const make = () =>
    call<Collection>("POST", "/v1/collections", {}, { name }).then(
      (made) => go(`/c/${made.id}`),
      setError,
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        make();
      }}
    >
      <div class="bar">
        <input
          aria-label="Name of a new collection"
          placeholder="Name of a new collection"
          maxLength={120}
          required
          value={name}
          onInput={(event) => set(event.currentTarget.value)}
        />
        <button class="main">Make</button>
      </div>
      {error && <Problem error={error} />}
    </form>
  );
}

const Row = ({ one }: { one: CollectionHead }) => (
  <li>
    <Link to={`/c/${one.id}`}>
      <b>
        <bdi>{one.name}</bdi>
      </b>
      {one.title && <bdi class="brief-title">{one.title}</bdi>}
      <span class="quiet">
        {plural(one.stories, "story", "stories")} · changed <When time={one.updated} />
        {one.updated_by && (
          <>
            {" by "}
            <bdi>{one.updated_by}</bdi>
          </>
        )}
        {one.shared && " · shared by a link"}
      </span>
    </Link>
  </li>
);

export function CollectionsPage() {
  const { value, error, again } = useLoaded(
    "collections",
    (signal) => get<Collections>("/v1/collections", {}, signal),
    10000,
  );
  return (
    <main class="page">
      <h1>Collections</h1>
      <NewCollection />
      {error && <Problem error={error} retry={again} />}
      {!value && !error && <Loading />}
      {value && value.collections.length === 0 && (
        <Empty>
          <p>
            Nothing is kept yet. Press <kbd>b</kbd> on a story of <Link to="/">Watch</Link> or on an
            article: it goes into a collection, with a note and, where words of the text are
            selected, a quotation. A collection is written out as a brief.
          </p>
        </Empty>
      )}
      <ul class="subscriptions collections">
        {value?.collections.map((one) => (
          <Row key={one.id} one={one} />
        ))}
      </ul>
    </main>
  );
}
