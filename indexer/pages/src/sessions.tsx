// Who is signed in, and ending that.
import { useState } from "preact/hooks";
import { SignedIn, SignedInList, call, get } from "./api";
import { useLoaded } from "./location";
import { Empty, Loading, Problem, When } from "./text";

export const signOut = () => call("DELETE", "/v1/session").then(() => location.assign("/"));

function Row({ session, end }: { session: SignedIn; end: (session: SignedIn) => void }) {
  return (
    <tr>
      <th scope="row">
        <bdi>{session.user_agent || "a program"}</bdi>
        {session.current && <span class="quiet"> this one</span>}
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
        <button onClick={() => end(session)}>{session.current ? "Sign out" : "End"}</button>
      </td>
    </tr>
  );
}

export function Sessions() {
  const { value, error, again } = useLoaded("sessions", (signal) =>
    get<SignedInList>("/v1/sessions", {}, signal),
  );
  const [failed, setFailed] = useState<Error | null>(null);
  if (error && !value) return <Problem error={error} retry={again} />;
  if (!value) return <Loading />;
  const end = (session: SignedIn) => {
    const ended = session.current
      ? signOut()
      : call("DELETE", `/v1/sessions/${encodeURIComponent(session.id)}`).then(again);
    ended.then(() => setFailed(null), setFailed);
  };
  return (
    <main class="page">
      <h1>Sessions</h1>
      <p>
        Whoever signed in with a key stays so until 30 days pass without use, or the session is
        ended here. Callers that show the key itself are not listed.
      </p>
      {failed && <Problem error={failed} />}
      {value.sessions.length === 0 ? (
        <Empty>Nobody is signed in.</Empty>
      ) : (
        <div class="scroll" tabIndex={0} role="group" aria-label="Table of sessions">
          <table>
            <thead>
              <tr>
                <th scope="col">Browser</th>
                <th scope="col">Address</th>
                <th scope="col">Signed in</th>
                <th scope="col">Last used</th>
                <th scope="col">Ends</th>
                <th scope="col">
                  <span class="visually-hidden">Commands</span>
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
