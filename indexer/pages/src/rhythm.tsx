// When an alert is told: at once or together, quiet hours, most an hour, snooze and pause.
import { Draft, Subscription } from "./api";
import { locale, t } from "./i18n";
import { zone } from "./zone";

/// The members of a subscription that say so.
export type When = Pick<
  Draft,
  "rhythm" | "quiet" | "most_per_hour" | "snooze_until" | "pause_until" | "empty"
>;

/// What stands in the fields.
export interface RhythmForm {
  every: "instant" | "hourly" | "daily" | "weekly";
  day: string; // of weekly
  time: string; // of daily and weekly
  zone: string; // of times and quiet hours
  quiet: boolean;
  from: string;
  to: string;
  most: string;
  empty: boolean;
  snooze: string; // as the reader's clocks show it
  pause: string;
}

const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/// 2024-01-01 was a Monday.
const dayName = (at: number) =>
  new Date(Date.UTC(2024, 0, 1 + at)).toLocaleDateString(locale(), {
    weekday: "long",
    timeZone: "UTC",
  });

const two = (n: number) => String(n).padStart(2, "0");

/// An instant as a field of date and time shows it.
function localOf(instant: string | null | undefined) {
  if (!instant) return "";
  const t = new Date(instant);
  return (
    `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())}` +
    `T${two(t.getHours())}:${two(t.getMinutes())}`
  );
}

const instantOf = (local: string) => (local ? new Date(local).toISOString() : null);

/// The fields of a subscription; without one those of what is told at once.
export function rhythmForm(subscription?: Subscription): RhythmForm {
  const [every = "instant", when = ""] = (subscription?.rhythm ?? "instant").split("@"),
    parts = when.split(" "),
    [hours = "", quietZone] = (subscription?.quiet ?? "").split(" "),
    [from = "22:00", to = "07:00"] = hours ? hours.split("-") : [];
  return {
    every: every as RhythmForm["every"],
    day: every === "weekly" ? parts[0]! : "mon",
    time: parts.at(-2) ?? "08:00",
    zone: (when ? parts.at(-1) : quietZone) || zone(),
    quiet: !!subscription?.quiet,
    from,
    to,
    most: subscription?.most_per_hour ? String(subscription.most_per_hour) : "",
    empty: subscription?.empty ?? false,
    snooze: localOf(subscription?.snooze_until),
    pause: localOf(subscription?.pause_until),
  };
}

/// What the fields come to.
export function whenOf(form: RhythmForm): When {
  const at = `${form.time} ${form.zone.trim()}`,
    instant = form.every === "instant";
  return {
    rhythm:
      form.every === "daily"
        ? `daily@${at}`
        : form.every === "weekly"
          ? `weekly@${form.day} ${at}`
          : form.every,
    quiet: form.quiet ? `${form.from}-${form.to} ${form.zone.trim()}` : null,
    most_per_hour: instant && form.most ? Number(form.most) : null,
    empty: !instant && form.empty,
    snooze_until: instantOf(form.snooze),
    pause_until: instantOf(form.pause),
  };
}

/// The part of it that a preview asks about.
export function lastingOf({ rhythm, quiet, most_per_hour, empty }: When) {
  return { rhythm, quiet, most_per_hour, empty };
}

type Set = (change: Partial<RhythmForm>) => void;

function Time(props: { name: string; value: string; set: (value: string) => void }) {
  return (
    <label>
      {props.name}{" "}
      <input
        type="time"
        required
        value={props.value}
        onInput={(e) => props.set(e.currentTarget.value)}
      />
    </label>
  );
}

function Check(props: { name: string; value: boolean; set: (value: boolean) => void }) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={props.value}
        onChange={(e) => props.set(e.currentTarget.checked)}
      />{" "}
      {props.name}
    </label>
  );
}

function Until(props: { name: string; value: string; set: (value: string) => void }) {
  return (
    <label>
      {props.name}{" "}
      <input
        type="datetime-local"
        value={props.value}
        onInput={(e) => props.set(e.currentTarget.value)}
      />
    </label>
  );
}

function Quiet({ form, set }: { form: RhythmForm; set: Set }) {
  return (
    <>
      <Check name={t("rhythm.quiet")} value={form.quiet} set={(quiet) => set({ quiet })} />
      {form.quiet && (
        <div class="times">
          <Time name={t("rhythm.from")} value={form.from} set={(from) => set({ from })} />
          <Time name={t("rhythm.to")} value={form.to} set={(to) => set({ to })} />
        </div>
      )}
    </>
  );
}

function Together({ form, set }: { form: RhythmForm; set: Set }) {
  const timed = form.every === "daily" || form.every === "weekly";
  return (
    <>
      {timed && (
        <div class="times">
          {form.every === "weekly" && (
            <label>
              {t("rhythm.on")}{" "}
              <select value={form.day} onChange={(e) => set({ day: e.currentTarget.value })}>
                {days.map((value, at) => (
                  <option key={value} value={value}>
                    {dayName(at)}
                  </option>
                ))}
              </select>
            </label>
          )}
          <Time name={t("rhythm.at")} value={form.time} set={(time) => set({ time })} />
        </div>
      )}
      <Check name={t("rhythm.empty")} value={form.empty} set={(empty) => set({ empty })} />
    </>
  );
}

function Zone({ form, set }: { form: RhythmForm; set: Set }) {
  return (
    <label>
      {t("rhythm.zone")}{" "}
      <input
        type="text"
        required
        value={form.zone}
        spellcheck={false}
        autocomplete="off"
        placeholder={zone()}
        onInput={(e) => set({ zone: e.currentTarget.value })}
      />
    </label>
  );
}

export function RhythmFields({
  form,
  set: put,
}: {
  form: RhythmForm;
  set: (f: RhythmForm) => void;
}) {
  const set: Set = (change) => put({ ...form, ...change });
  return (
    <fieldset class="rhythm">
      <legend>{t("rhythm.title")}</legend>
      <label>
        {t("rhythm.rhythm")}{" "}
        <select
          value={form.every}
          onChange={(e) => set({ every: e.currentTarget.value as RhythmForm["every"] })}
        >
          <option value="instant">{t("rhythm.instant")}</option>
          <option value="hourly">{t("rhythm.hourly")}</option>
          <option value="daily">{t("rhythm.daily")}</option>
          <option value="weekly">{t("rhythm.weekly")}</option>
        </select>
      </label>
      {form.every !== "instant" && <Together form={form} set={set} />}
      {form.every === "instant" && (
        <label>
          {t("rhythm.most")}{" "}
          <input
            type="number"
            min={1}
            max={1000}
            value={form.most}
            placeholder={t("rhythm.no_limit")}
            onInput={(e) => set({ most: e.currentTarget.value })}
          />
        </label>
      )}
      <Quiet form={form} set={set} />
      {(form.quiet || form.every === "daily" || form.every === "weekly") && (
        <Zone form={form} set={set} />
      )}
      <Until name={t("rhythm.snooze")} value={form.snooze} set={(snooze) => set({ snooze })} />
      <Until name={t("rhythm.pause")} value={form.pause} set={(pause) => set({ pause })} />
    </fieldset>
  );
}
