// A part of the page that fails says so in its place; the others go on.
import { Component, ComponentChildren } from "preact";
import { t } from "./i18n";

export class Boundary extends Component<{ children: ComponentChildren; main?: boolean }> {
  state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  componentDidCatch(error: unknown) {
    console.error(error);
  }

  render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    const said = (
      <div class="problem" role="alert">
        <p>
          {t("boundary.failed")} <code dir="ltr">{error.message}</code>
        </p>
        <button onClick={() => this.setState({ error: null })}>{t("retry")}</button>
      </div>
    );
    if (!this.props.main) return said;
    return (
      <main class="page">
        <h1>{t("boundary.title")}</h1>
        {said}
      </main>
    );
  }
}
