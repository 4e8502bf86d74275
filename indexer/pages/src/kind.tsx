// What an alert is told of: each article, one an event, or a day that is unusual.
import { Draft, Spike, Subscription } from "./api";
import { t } from "./i18n";

/// The members of a subscription that say so.
export type What = Pick<Draft, "kind" | "sensitivity" | "drops" | "one_per_event">;

/// What stands in the fields.
export interface KindForm {
  kind: "articles" | "event" | "spike";
  sensitivity: "low" | "medium" | "high";
  drops: boolean;
}

/// The fields of a subscription; without one those of a new one.
export function kindForm(subscription?: Subscription): KindForm {
  return {
    kind:
      subscription?.kind === "spike" ? "spike" : subscription?.one_per_event ? "event" : "articles",
    sensitivity: (subscription?.sensitivity as KindForm["sensitivity"]) ?? "medium",
    drops: subscription?.drops ?? false,
  };
}

/// What the fields come to.
export function whatOf({ kind, sensitivity, drops }: KindForm): What {
  return kind === "spike"
    ? { kind: "spike", sensitivity, drops, one_per_event: false }
    : { kind: "articles", sensitivity: null, drops: false, one_per_event: kind === "event" };
}

type Set = (change: Partial<KindForm>) => void;

function SpikeFields({ form, set }: { form: KindForm; set: Set }) {
  return (
    <>
      <label>
        {t("kind.sensitivity")}{" "}
        <select
          value={form.sensitivity}
          onChange={(e) => set({ sensitivity: e.currentTarget.value as KindForm["sensitivity"] })}
        >
          <option value="low">{t("kind.low")}</option>
          <option value="medium">{t("kind.medium")}</option>
          <option value="high">{t("kind.high")}</option>
        </select>
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={form.drops}
          onChange={(e) => set({ drops: e.currentTarget.checked })}
        />{" "}
        {t("kind.drops")}
      </label>
      <p class="quiet hint">{t("kind.spike_hint")}</p>
    </>
  );
}

/// `known`: of an alert that is there, which keeps telling articles or days.
export function KindFields(props: {
  form: KindForm;
  set: (form: KindForm) => void;
  known: Subscription | undefined;
}) {
  const { form, known } = props;
  const set: Set = (change) => props.set({ ...form, ...change });
  const spike = known?.kind === "spike";
  return (
    <fieldset class="rhythm">
      <legend>{t("kind.title")}</legend>
      <label>
        {t("kind.tells")}{" "}
        <select
          value={form.kind}
          onChange={(e) => set({ kind: e.currentTarget.value as KindForm["kind"] })}
        >
          {!spike && <option value="articles">{t("kind.articles")}</option>}
          {!spike && <option value="event">{t("kind.event")}</option>}
          {(!known || spike) && <option value="spike">{t("kind.spike")}</option>}
        </select>
      </label>
      {form.kind === "spike" && <SpikeFields form={form} set={set} />}
    </fieldset>
  );
}

/// Why a spike was told: the server's sentence.
export function SpikeSaid({ spike }: { spike: Spike }) {
  return (
    <p class={`unusual ${spike.verdict}`}>
      <bdi lang="en">{spike.sentence}</bdi>
    </p>
  );
}
