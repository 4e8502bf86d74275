// The text of an article as its page had it: headings, lists, quotes, tables and links, with what
// is marked in it.
import { ComponentChildren } from "preact";
import { Article, Block } from "./api";
import { t } from "./i18n";
import { Foreign, Mark, marked } from "./text";

const encoder = new TextEncoder(),
  decoder = new TextDecoder();
type Shown = Block & { text: string };

/// Blocks with their words. What the record says nothing of is paragraphs: the end of a very long
/// text, and texts from before structure was kept.
function blocksOf(article: Article): Shown[] {
  const raw = encoder.encode(article.text);
  const out = article.structure.map((block) => ({
    ...block,
    text: decoder.decode(raw.subarray(block.offset, block.offset + block.length)),
  }));
  const last = out[out.length - 1];
  let offset = last ? last.offset + last.length + 2 : 0;
  if (offset >= raw.length) return out;
  for (const text of decoder.decode(raw.subarray(offset)).split("\n\n")) {
    const length = encoder.encode(text).length;
    out.push({ kind: "paragraph", offset, length, text });
    offset += length + 2;
  }
  return out;
}

/// What stands within a block, by its bytes there.
const within = <T extends { offset: number; length: number }>(list: T[], block: Block) =>
  list
    .filter(
      (one) => one.offset >= block.offset && one.offset + one.length <= block.offset + block.length,
    )
    .map((one) => ({ ...one, offset: one.offset - block.offset }));

function rowsOf(cells: Shown[]): Shown[][] {
  const out: Shown[][] = [];
  for (const cell of cells) {
    const row = out[out.length - 1];
    if (row && row[0]!.row === cell.row) row.push(cell);
    else out.push([cell]);
  }
  return out;
}

/// A run of blocks of one kind, as one element; headings and paragraphs are runs of one.
function elementOf(run: Shown[], level: number, words: (block: Shown) => ComponentChildren) {
  switch (run[0]!.kind) {
    case "heading": {
      const Heading = `h${level}` as "h2";
      return <Heading>{words(run[0]!)}</Heading>;
    }
    case "list_item":
      return (
        <ul>
          {run.map((item) => (
            <li>{words(item)}</li>
          ))}
        </ul>
      );
    case "quote":
      return (
        <blockquote>
          {run.map((part) => (
            <p>{words(part)}</p>
          ))}
        </blockquote>
      );
    case "table_cell":
      return (
        <div class="scroll" tabIndex={0} role="group" aria-label={t("article.table")}>
          <table>
            <tbody>
              {rowsOf(run).map((row) => (
                <tr>
                  {row.map((cell) => (
                    <td>{words(cell)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      );
    case "preformatted":
      return (
        <pre>
          {run.map((part, n) => (
            <>
              {n > 0 && "\n"}
              {words(part)}
            </>
          ))}
        </pre>
      );
    default:
      return <p>{words(run[0]!)}</p>;
  }
}

export function ArticleText({ article, marks }: { article: Article; marks: Mark[] }) {
  const blocks = blocksOf(article);
  const words = (block: Shown) =>
    marked(block.text, within(marks, block), within(article.links, block));
  const out: ComponentChildren[] = [];
  let level = 1; // of the heading before: levels are entered one by one, whatever the page did
  for (let i = 0; i < blocks.length; ) {
    const block = blocks[i]!;
    let end = i + 1;
    if (block.kind !== "paragraph" && block.kind !== "heading")
      while (end < blocks.length && blocks[end]!.kind === block.kind) ++end;
    if (block.kind === "heading") level = Math.min(Math.max(block.level ?? 2, 2), level + 1);
    out.push(elementOf(blocks.slice(i, end), level, words));
    i = end;
  }
  return (
    <Foreign as="div" class="text" language={article.language}>
      {out}
    </Foreign>
  );
}
