// Who is signed in, and ending that.
import { useState } from "preact/hooks";
import { SignedIn, SignedInList, call, get } from "./api";
import { t } from "./i18n";
import { useLoaded } from "./location";
import { Empty, Problem, Waiting, When } from "./text";

export const signOut = () => call("DELETE", "/v1/session").then(() => location.assign("/"));

function Row({ session, end }: { session: SignedIn; end: (session: SignedIn) => void }) {
  return (
    <tr>
      <th scope="row">
        <bdi>{session.user_agent || t("sessions.program")}</bdi>
        {session.current && <span class="quiet"> {t("sessions.this")}</span>}
      </th>
      <td>
        <bdi>{session.address}</bdi>
      </td>
      <td>
        <When time={session.created} />
      </td>
      <td>
        <When time={session.last_used} />
      </td>
      <td>
        <When time={session.ends} exact />
      </td>
      <td class="number">
        <button onClick={() => end(session)}>
          {t(session.current ? "sessions.sign_out" : "sessions.end")}
        </button>
      </td>
    </tr>
  );
}

export function Sessions() {
  const { value, error, again } = useLoaded("sessions", (signal) =>
    get<SignedInList>("/v1/sessions", {}, signal),
  );
  const [failed, setFailed] = useState<Error | null>(null);
  const end = (session: SignedIn) => {
    const ended = session.current
      ? signOut()
      : call("DELETE", `/v1/sessions/${encodeURIComponent(session.id)}`).then(again);
    ended.then(() => setFailed(null), setFailed);
  };
  return (
    <main class="page">
      <h1>{t("nav.sessions")}</h1>
      <p>{t("sessions.about")}</p>
      {failed && <Problem error={failed} />}
      {!value ? (
        error ? (
          <Problem error={error} retry={again} />
        ) : (
          <Waiting rows={3} />
        )
      ) : value.sessions.length === 0 ? (
        <Empty>{t("sessions.none")}</Empty>
      ) : (
        <div class="scroll" tabIndex={0} role="group" aria-label={t("sessions.table")}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("sessions.browser")}</th>
                <th scope="col">{t("sessions.address")}</th>
                <th scope="col">{t("sessions.signed_in")}</th>
                <th scope="col">{t("sessions.last_used")}</th>
                <th scope="col">{t("sessions.ends")}</th>
                <th scope="col">
                  <span class="visually-hidden">{t("table.commands")}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {value.sessions.map((session) => (
                <Row key={session.id} session={session} end={end} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </main>
  );
}
