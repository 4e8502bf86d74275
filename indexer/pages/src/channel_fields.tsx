// Where an alert goes: its channels, each with the fields of its kind.
import { Channel, ChannelDraft } from "./api";
import { Key, t } from "./i18n";

type Member = "url" | "address" | "room" | "chat" | "topic" | "token";

/// A name or hint is a key of the messages, or is the same in every language.
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

const messages = {
  email: "channels.email",
  address: "channels.address",
  webhook_url: "channels.webhook_url",
  workflow: "channels.workflow",
  server: "channels.server",
  room: "channels.room",
  chat: "channels.chat",
  chat_hint: "channels.chat_hint",
  topic: "channels.topic",
  topic_hint: "channels.topic_hint",
  token: "channels.token",
  bot_token: "channels.bot_token",
  token_hint: "channels.token_hint",
} satisfies Record<string, Key>;
const written = (text: string) =>
  text in messages ? t(messages[text as keyof typeof messages]) : text;

const secretUrl = (hint: string): Field[] => [
  { member: "url", name: "webhook_url", hint, type: "url", needed: true },
];
const token: Field = { member: "token", name: "token", hint: "", type: "password", needed: true };

/// What the API takes of each kind.
export const kinds: Kind[] = [
  {
    type: "webhook",
    name: "Webhook",
    fields: [{ member: "url", name: "URL", hint: "https://…", type: "url", needed: true }],
  },
  {
    type: "email",
    name: "email",
    fields: [
      { member: "address", name: "address", hint: "ana@example.org", type: "email", needed: true },
    ],
  },
  { type: "slack", name: "Slack", fields: secretUrl("https://hooks.slack.com/services/…") },
  { type: "teams", name: "Microsoft Teams", fields: secretUrl("workflow") },
  {
    type: "matrix",
    name: "Matrix",
    fields: [
      { member: "url", name: "server", hint: "https://matrix.org", type: "url", needed: true },
      { member: "room", name: "room", hint: "!id:example.org", needed: true },
      token,
    ],
  },
  {
    type: "telegram",
    name: "Telegram",
    fields: [
      { member: "chat", name: "chat", hint: "chat_hint", needed: true },
      { ...token, name: "bot_token" },
    ],
  },
  {
    type: "ntfy",
    name: "ntfy",
    fields: [
      { member: "url", name: "server", hint: "https://ntfy.sh", type: "url" },
      { member: "topic", name: "topic", hint: "topic_hint", needed: true },
      { ...token, needed: false, hint: "token_hint" },
    ],
  },
  { type: "discord", name: "Discord", fields: secretUrl("https://discord.com/api/webhooks/…") },
];

export const kindOf = (type: string) => kinds.find((kind) => kind.type === type);
/// The name of a kind of channel, in the reader's language.
export const kindNamed = (type: string) => written(kindOf(type)?.name ?? type);

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
      {t("channels.kind")}{" "}
      <select value={type} onChange={(e) => set(e.currentTarget.value)}>
        {kinds.map(({ type: value, name }) => (
          <option key={value} value={value}>
            {written(name)}
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
    <fieldset class="channel" aria-label={t("channels.channel", { n: place + 1 })}>
      <KindChoice type={row.draft.type} set={(type) => set({ draft: { type } })} />
      {kind?.fields.map((field) => (
        <label key={field.member}>
          {written(field.name)}{" "}
          <input
            type={field.type ?? "text"}
            required={field.needed}
            value={row.draft[field.member] ?? ""}
            placeholder={written(field.hint)}
            autocomplete="off"
            spellcheck={false}
            onInput={(e) => put({ [field.member]: e.currentTarget.value })}
          />
        </label>
      ))}
      {row.was?.disabled && (
        <Check
          text={t("channels.off", { reason: row.was.disabled_reason ?? t("channels.by_hand") })}
          checked={row.draft.disabled ?? false}
          set={(disabled) => put({ disabled })}
        />
      )}
      {row.draft.type === "webhook" && row.was && (
        <Check
          text={t("channels.new_secret")}
          checked={row.draft.rotate_secret ?? false}
          set={(rotate_secret) => put({ rotate_secret })}
        />
      )}
      <button type="button" aria-label={t("channels.remove_of", { n: place + 1 })} onClick={remove}>
        {t("channels.remove")}
      </button>
    </fieldset>
  );
}

export function ChannelFields({ rows, set }: { rows: Row[]; set: (rows: Row[]) => void }) {
  return (
    <section class="channels" aria-label={t("channels.title")}>
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
          {t("channels.add")}
        </button>
      </p>
    </section>
  );
}
