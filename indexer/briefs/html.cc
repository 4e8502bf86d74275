#include "indexer/briefs/story.h"
#include "platform/text/xml.h"

namespace vigie::indexer::briefs {
namespace {

using text::xml;

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>
:root { color-scheme: light dark; --quiet: #5c5a55; --line: #d8d4cc; --link: #14539a }
@media (prefers-color-scheme: dark) { :root { --quiet: #a9a59d; --line: #45423d; --link: #8ab8f0 } }
* { box-sizing: border-box }
body { max-width: 46rem; margin: 0 auto; padding: 2rem 1.25rem 3rem; overflow-wrap: anywhere;
  font: 1rem/1.5 system-ui, "Noto Sans", "Noto Sans CJK SC", "Noto Sans Arabic", sans-serif }
h1 { margin: 0 0 .5rem; font-size: 1.75rem; line-height: 1.25; text-align: start }
h2 { margin: 0; font-size: 1.1rem; line-height: 1.35; text-align: start }
p { margin: .35rem 0; text-align: start }
a { color: var(--link) }
h2 a { color: inherit; text-decoration: none }
h2 a:hover { text-decoration: underline }
.meta, footer { color: var(--quiet); font-size: .85rem }
.meta code { font-size: .8rem }
ol { list-style: none; margin: 1.25rem 0; padding: 0 }
li { border-block-start: 1px solid var(--line); padding: .9rem 0 }
blockquote { margin: .5rem 0; padding-inline-start: .9rem;
  border-inline-start: 3px solid var(--line) }
@page { size: A4; margin: 14mm 16mm }
@media print {
  :root { color-scheme: light; --quiet: #444; --line: #bbb; --link: #000 }
  body { max-width: none; padding: 0; font-size: 9pt; line-height: 1.35 }
  h1 { font-size: 15pt } h2 { font-size: 10.5pt }
  .meta, footer { font-size: 7.5pt } .meta code { font-size: 7pt }
  ol { margin: .6rem 0 } li { padding: .45rem 0; break-inside: avoid } p { margin: .15rem 0 }
  blockquote { margin: .25rem 0 }
}
</style>
)";

std::string paragraph(std::string_view text, std::string_view attributes = " dir=\"auto\"") {
  return "<p" + std::string(attributes) + ">" + xml(text) + "</p>\n";
}

std::string language_of(const Story& story) {
  return story.language.empty() ? "" : " lang=\"" + xml(story.language) + "\"";
}

std::string story_html(const Story& story) {
  const std::string in_language = language_of(story) + " dir=\"auto\"";
  const std::string link = "<a rel=\"noreferrer noopener\" href=\"" + xml(story.url) + "\">";
  std::string out = "<li>\n<h2" + in_language + ">";
  out += story.url.empty() ? xml(story.title) : link + xml(story.title) + "</a>";
  out += "</h2>\n<p class=\"meta\"><bdi>" + xml(story.source) + "</bdi> · " + xml(story.times) +
         "</p>\n";
  for (const std::string& line : story.note) out += paragraph(line);
  if (!story.quotation.empty())
    out += "<blockquote" + in_language + "><p>“" + xml(story.quotation) + "”</p></blockquote>\n";
  out += "<p class=\"meta\">";
  if (!story.url.empty()) out += link + "<bdi>" + xml(story.url) + "</bdi></a><br>";
  out += "Archive hash <code>" + xml(story.hash) + "</code>";
  if (!story.place.empty()) out += ", " + story.place;
  return out + "</p>\n</li>\n";
}

}  // namespace

std::string html(const Told& brief) {
  std::string out(kHead);
  out += "<title>" + xml(brief.title) + "</title>\n</head>\n<body>\n<h1 dir=\"auto\">" +
         xml(brief.title) + "</h1>\n";
  for (const std::string& line : brief.summary) out += paragraph(line);
  out += "<ol>\n";
  for (const Story& story : brief.stories) out += story_html(story);
  return out + "</ol>\n<footer>" + xml(brief.foot) + "</footer>\n</body>\n</html>\n";
}

}  // namespace vigie::indexer::briefs
