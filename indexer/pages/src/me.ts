// Who looks at the pages, and what he may do.
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { Me } from "./api";

export const MeContext = createContext<Me | null>(null);
export const useMe = () => useContext(MeContext);

const steps = ["reader", "analyst", "operator", "admin"];
/// Whether the person has this role or a higher one; unknown as long as it is not loaded.
export const may = (me: Me | null, role: "analyst" | "operator" | "admin") =>
  me === null || steps.indexOf(me.role) >= steps.indexOf(role);
