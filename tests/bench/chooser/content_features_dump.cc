// libs: extractor/commands platform/charset extractor/content extractor/dom
// libs: extractor/metadata platform/json platform/url
// What the chooser of extractor/content knows of the blocks of pages, as JSON lines: the input of
// train.py beside it.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "extractor/commands/page_file.h"
#include "extractor/content/content.h"
#include "extractor/content/features.h"
#include "extractor/dom/document.h"
#include "extractor/metadata/metadata.h"
#include "platform/charset/charset.h"
#include "platform/json/json.h"
#include "platform/url/url.h"

namespace {

using vigie::Json;

Json describe(const std::string& page, const std::string& url) {
  const vigie::charset::Decoded decoded = vigie::charset::decode(page, "");
  const vigie::extractor::dom::Document document = vigie::extractor::dom::parse(decoded.text);
  vigie::extractor::metadata::PageFacts facts;
  facts.url = url;
  facts.page = decoded.text;
  const vigie::extractor::metadata::Metadata found =
      vigie::extractor::metadata::read(document, facts);
  vigie::extractor::content::Trace trace;
  vigie::extractor::content::find_main_text(
      document, {found.title, found.article_body, found.description}, &trace);
  Json blocks = Json::array();
  for (std::size_t i = 0; i < trace.features.size(); ++i) {
    const vigie::extractor::content::TracedBlock& block = trace.blocks[i];
    if (!block.is_candidate) continue;
    Json one = Json::object();
    one.set("text", block.text);
    one.set("verdict", std::string(trace.by_rules[i]));
    one.set("heading", block.is_heading);
    one.set("headline", block.is_headline);
    Json features = Json::array();
    for (const float value : trace.features[i]) features.push(static_cast<double>(value));
    one.set("features", std::move(features));
    blocks.push(std::move(one));
  }
  return blocks;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: content_features_dump MANIFEST.jsonl…\n");
    return 2;
  }
  Json names = Json::array();
  for (const std::string_view name : vigie::extractor::content::kFeatureNames)
    names.push(std::string(name));
  Json head = Json::object();
  head.set("names", std::move(names));
  std::cout << head.dump() << '\n';
  for (int i = 1; i < argc; ++i) {
    std::ifstream manifest(argv[i]);
    const std::filesystem::path root = std::filesystem::path(argv[i]).parent_path();
    for (std::string line; std::getline(manifest, line);) {
      const vigie::Result<Json> parsed = vigie::parse_json(line);
      if (!parsed) continue;
      vigie::Result<std::string> page = vigie::extractor::commands::read_page_file(
          (root / (*parsed)["html"].as_string()).string(), 8ULL << 20);
      if (!page) continue;
      const vigie::Result<std::string> url = vigie::url::normalise((*parsed)["url"].as_string());
      Json out = Json::object();
      out.set("id", (*parsed)["id"]);
      out.set("blocks", describe(*page, url ? *url : "http://localhost/"));
      std::cout << out.dump() << '\n';
    }
  }
}
