// Where an alert goes: its channels, each with the fields of its kind.
import { Channel, ChannelDraft } from "./api";

type Member = "url" | "address" | "room" | "chat" | "topic" | "token";

interface Field {
  member: Member;
  name: string;
  hint: string;
  type?: string;
  needed?: boolean;
}

interface Kind {
  type: Channel["type"];
  name: string;
  fields: Field[];
}

const secretUrl = (hint: string): Field[] => [
  { member: "url", name: "Webhook URL", hint, type: "url", needed: true },
];
const token: Field = { member: "token", name: "Token", hint: "", type: "password", needed: true };

/// What the API takes of each kind.
export const kinds: Kind[] = [
  {
    type: "webhook",
    name: "Webhook",
    fields: [{ member: "url", name: "URL", hint: "https://…", type: "url", needed: true }],
  },
  {
    type: "email",
    name: "E-mail",
    fields: [
      { member: "address", name: "Address", hint: "ana@example.org", type: "email", needed: true },
    ],
  },
  { type: "slack", name: "Slack", fields: secretUrl("https://hooks.slack.com/services/…") },
  { type: "teams", name: "Microsoft Teams", fields: secretUrl("the URL of the workflow") },
  {
    type: "matrix",
    name: "Matrix",
    fields: [
      { member: "url", name: "Server", hint: "https://matrix.org", type: "url", needed: true },
      { member: "room", name: "Room", hint: "!id:example.org", needed: true },
      token,
    ],
  },
  {
    type: "telegram",
    name: "Telegram",
    fields: [
      { member: "chat", name: "Chat", hint: "number, or @channel", needed: true },
      { ...token, name: "Token of the bot" },
    ],
  },
  {
    type: "ntfy",
    name: "ntfy",
    fields: [
      { member: "url", name: "Server", hint: "https://ntfy.sh", type: "url" },
      { member: "topic", name: "Topic", hint: "a name that is hard to guess", needed: true },
      { ...token, needed: false, hint: "where the topic asks for one" },
    ],
  },
  { type: "discord", name: "Discord", fields: secretUrl("https://discord.com/api/webhooks/…") },
];

export const kindOf = (type: string) => kinds.find((kind) => kind.type === type);

/// Where a channel goes, for people; of a URL that is a secret its host alone.
export const destinationOf = (c: Channel) => c.address ?? c.room ?? c.chat ?? c.topic ?? c.url;

/// A channel of the form, and what it was before.
export interface Row {
  draft: ChannelDraft;
  was?: Channel;
}

export function rowOf(channel: Channel): Row {
  const draft: ChannelDraft = { type: channel.type, id: channel.id, disabled: channel.disabled };
  for (const field of kindOf(channel.type)?.fields ?? [])
    draft[field.member] = channel[field.member];
  return { draft, was: channel };
}

/// A channel of an alert that is to be like another: what is secret has to be given again.
export function copyOf(channel: Channel): Row {
  const { draft } = rowOf(channel);
  for (const field of kindOf(channel.type)?.fields ?? [])
    if (draft[field.member]?.includes("•")) draft[field.member] = undefined;
  return { draft: { ...draft, id: undefined, disabled: false } };
}

/// As the API takes it. Empty fields are left out.
export function draftsOf(rows: Row[]): ChannelDraft[] {
  return rows.map(({ draft }) => {
    const out: ChannelDraft = { type: draft.type, disabled: draft.disabled ?? false };
    if (draft.id) out.id = draft.id;
    if (draft.rotate_secret) out.rotate_secret = true;
    for (const { member } of kindOf(draft.type)?.fields ?? []) {
      const value = draft[member]?.trim();
      if (value) out[member] = value;
    }
    return out;
  });
}

function KindChoice({ type, set }: { type: string; set: (type: string) => void }) {
  return (
    <label>
      Kind{" "}
      <select value={type} onChange={(e) => set(e.currentTarget.value)}>
        {kinds.map(({ type: value, name }) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function Check(props: { text: string; checked: boolean; set: (checked: boolean) => void }) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={props.checked}
        onChange={(e) => props.set(e.currentTarget.checked)}
      />{" "}
      {props.text}
    </label>
  );
}

function ChannelRow(props: {
  row: Row;
  place: number;
  set: (row: Row) => void;
  remove: () => void;
}) {
  const { row, place, set, remove } = props;
  const kind = kindOf(row.draft.type);
  const put = (change: Partial<ChannelDraft>) =>
    set({ ...row, draft: { ...row.draft, ...change } });
  return (
    <fieldset class="channel" aria-label={`Channel ${place + 1}`}>
      <KindChoice type={row.draft.type} set={(type) => set({ draft: { type } })} />
      {kind?.fields.map((field) => (
        <label key={field.member}>
          {field.name}{" "}
          <input
            type={field.type ?? "text"}
            required={field.needed}
            value={row.draft[field.member] ?? ""}
            placeholder={field.hint}
            autocomplete="off"
            spellcheck={false}
            onInput={(e) => put({ [field.member]: e.currentTarget.value })}
          />
        </label>
      ))}
      {row.was?.disabled && (
        <Check
          text={`Switched off: ${row.was.disabled_reason ?? "by hand"}`}
          checked={row.draft.disabled ?? false}
          set={(disabled) => put({ disabled })}
        />
      )}
      {row.draft.type === "webhook" && row.was && (
        <Check
          text="New secret; the old one signs, too, for 24 hours"
          checked={row.draft.rotate_secret ?? false}
          set={(rotate_secret) => put({ rotate_secret })}
        />
      )}
      <button type="button" aria-label={`Remove channel ${place + 1}`} onClick={remove}>
        Remove
      </button>
    </fieldset>
  );
}

export function ChannelFields({ rows, set }: { rows: Row[]; set: (rows: Row[]) => void }) {
  return (
    <section class="channels" aria-label="Channels">
      {rows.map((row, i) => (
        <ChannelRow
          key={row.draft.id ?? `new ${i}`}
          row={row}
          place={i}
          set={(changed) => set(rows.map((old, at) => (at === i ? changed : old)))}
          remove={() => set(rows.filter((_, at) => at !== i))}
        />
      ))}
      <p>
        <button type="button" onClick={() => set([...rows, { draft: { type: "webhook" } }])}>
          Add a channel
        </button>
      </p>
    </section>
  );
}
