#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "platform/config/settings.h"

/// What `vigie feed`, `vigie robots`, `vigie sources` and `vigie warc` do once their arguments are
/// read. Each returns an exit code of ops/spec/command_line.md; JSON lines go to `out`, sentences
/// for people to `err`.
namespace vigie::crawler::commands {

/// `vigie feed FILE`: {"feed":{…}}, then one
/// {"id","url","title","published","updated","authors","summary"} per entry. "-" is standard input.
/// 0 · 1 if the file cannot be read or is no feed.
struct FeedCommand {
  std::string file;
  std::string base_url = {};  // relative links are resolved against it
};
int run_feed(const FeedCommand& command, std::ostream& out, std::ostream& err);

/// `vigie robots --agent NAME --robots FILE URL…`: {"url","allowed","rule","line","crawl_delay_s"}
/// per URL. 0 · 1 for an unreadable file or URL.
struct RobotsCommand {
  std::string agent;
  std::string robots_file;
  std::vector<std::string> urls;
};
int run_robots(const RobotsCommand& command, std::ostream& out, std::ostream& err);

/// `vigie warc verify FILE…`: a line
/// {"file","records","types","digests","unverified","cut","problems","more_problems"} per file, and
/// each problem as FILE:OFFSET: what on `err`. 0 if there are none, else 1.
int run_warc_verify(const std::vector<std::string>& files, std::ostream& out, std::ostream& err);

/// `vigie sources check FILE…`: problems as FILE:LINE:COL: message on `err`, one summary line on
/// `out`. 0 if there are none, else 1.
int run_sources_check(const std::vector<std::string>& files, std::ostream& out, std::ostream& err);

/// `vigie sources discover DOMAIN`: an entry for a source file (YAML) on `out`, made from the
/// homepage and the feeds and sitemaps it names. 0 · 1 if nothing can be read.
int run_sources_discover(const std::string& domain, const config::Settings& settings,
                         std::ostream& out, std::ostream& err);

}  // namespace vigie::crawler::commands
