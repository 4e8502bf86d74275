// One collection as the server has it, ours beside it, and the way from one to the other.
import { useEffect, useState } from "preact/hooks";
import { ApiError, Collection, call, get } from "./api";
import { t } from "./i18n";
import { Merged, merge } from "./merge";

const saveAfterMs = 600;
const lookEveryMs = 10000;
const tries = 5; // of saving, each lost to somebody else's change

export type Change = (collection: Collection) => Collection;

class State {
  base: Collection | null = null;
  ours: Collection | null = null;
  error: Error | null = null;
  lost: Merged["lost"] = [];
  saving = false;
  private timer = 0;

  constructor(
    readonly path: string,
    private draw: () => void,
  ) {}

  get changed() {
    return this.ours !== this.base;
  }
  get word() {
    return t(
      this.saving ? "collection.saving" : this.changed ? "collection.unsaved" : "collection.saved",
    );
  }

  edit = (change: Change) => {
    this.ours = change(this.ours!);
    clearTimeout(this.timer);
    this.timer = window.setTimeout(this.save, saveAfterMs);
    this.draw();
  };

  look = async () => {
    try {
      const theirs = await get<Collection>(this.path);
      if (theirs.revision !== this.base?.revision && !this.saving) this.takeIn(theirs);
      this.error = null;
    } catch (problem) {
      this.error = problem as Error;
    }
    this.draw();
  };

  save = async () => {
    if (this.saving || !this.changed) return;
    this.saving = true;
    this.draw();
    try {
      for (let left = tries; this.changed && left > 0; --left) await this.put();
      this.error = null;
    } catch (problem) {
      this.error = problem as Error;
    }
    this.saving = false;
    this.draw();
  };

  forget = () => {
    this.lost = [];
    this.draw();
  };

  /// What is not saved yet is saved, whoever leaves.
  leave() {
    clearTimeout(this.timer);
    this.save();
  }

  /// Sends ours; where somebody else was faster, takes theirs in, to be sent with the next try.
  private async put() {
    const sent = this.ours!;
    try {
      const body = { ...sent, revision: this.base!.revision };
      const saved = await call<Collection>("PUT", this.path, {}, body);
      // what was typed meanwhile stays
      this.ours = this.ours === sent ? saved : merge(sent, this.ours!, saved).collection;
      this.base = saved;
    } catch (problem) {
      if (!(problem instanceof ApiError) || problem.code !== "conflict") throw problem;
      this.takeIn(await get<Collection>(this.path));
    }
  }

  private takeIn(theirs: Collection) {
    if (this.base && this.ours && this.changed) {
      const merged = merge(this.base, this.ours, theirs);
      this.lost = [...this.lost, ...merged.lost];
      this.ours = merged.collection;
    } else this.ours = theirs;
    this.base = theirs;
  }
}

export function useCollection(id: string): State {
  const [, draw] = useState(0);
  const [state] = useState(
    () => new State(`/v1/collections/${encodeURIComponent(id)}`, () => draw((n) => n + 1)),
  );
  useEffect(() => {
    state.look();
    const every = setInterval(() => {
      if (!document.hidden && !state.changed) state.look();
    }, lookEveryMs);
    const leave = (event: BeforeUnloadEvent) => {
      if (!state.changed) return;
      state.leave();
      event.preventDefault();
    };
    window.addEventListener("beforeunload", leave);
    return () => {
      clearInterval(every);
      window.removeEventListener("beforeunload", leave);
      state.leave();
    };
  }, []);
  return state;
}
