// Collections: what is kept, and by whom.
import { useState } from "preact/hooks";
import { Collection, CollectionHead, Collections, call, get } from "./api";
import { t, withParts } from "./i18n";
import { Link, go, useLoaded } from "./location";
import { NameField } from "./name_field";
import { Empty, Problem, Waiting, When } from "./text";

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
        <NameField label={t("collections.new")} value={name} set={set} />
        <button class="main">{t("collections.make")}</button>
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
        {t("stories", { n: one.stories })} ·{" "}
        {one.updated_by
          ? withParts("collections.changed_by", {
              time: <When time={one.updated} />,
              name: <bdi>{one.updated_by}</bdi>,
            })
          : withParts("collections.changed", { time: <When time={one.updated} /> })}
        {one.shared && ` · ${t("collections.shared")}`}
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
      <h1>{t("nav.collections")}</h1>
      <NewCollection />
      {error && <Problem error={error} retry={again} />}
      {!value && !error && <Waiting rows={4} />}
      {value && value.collections.length === 0 && (
        <Empty>
          <p>
            {withParts("collections.none", {
              key: <kbd>b</kbd>,
              watch: <Link to="/">{t("watch.title")}</Link>,
            })}
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
