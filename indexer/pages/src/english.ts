// For views whose words are not among the messages yet: numbers with English nouns.
import { count } from "./text";

export const plural = (n: number, one: string, many = `${one}s`) =>
  `${count(n)} ${n === 1 ? one : many}`;
