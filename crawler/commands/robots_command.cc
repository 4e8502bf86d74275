#include <iostream>
#include <iterator>

#include "crawler/commands/commands.h"
#include "crawler/robots/robots.h"
#include "platform/json/json.h"
#include "platform/logging/logging.h"
#include "platform/process/process.h"
#include "platform/url/url.h"

namespace vigie::crawler::commands {

int run_robots(const RobotsCommand& command, std::ostream& out, std::ostream& err) {
  Result<std::string> bytes = std::string();
  if (command.robots_file == "-") {
    bytes = std::string(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  } else {
    bytes = process::read_file(command.robots_file);
  }
  if (!bytes) {
    err << bytes.error().to_string() << "\n";
    return process::kExitSomeFailed;
  }
  const robots::Robots robots = robots::Robots::parse(*bytes);
  int exit_code = process::kExitOk;
  for (const std::string& written : command.urls) {
    std::string path = written;
    if (written.empty() || written.front() != '/') {
      const auto url = url::parse(written);
      if (!url || !url->is_http()) {
        err << logging::escape_for_terminal(written) << ": "
            << (url ? "only http and https URLs have a robots.txt" : url.error().detail) << "\n";
        exit_code = process::kExitSomeFailed;
        continue;
      }
      path = url->path;
      if (url->query) path += "?" + *url->query;
    }
    const robots::RobotsVerdict verdict = robots.verdict_for(command.agent, path);
    out << Json::object(
               {{"url", written},
                {"allowed", verdict.allowed},
                {"rule", verdict.rule.empty() ? Json() : Json(verdict.rule)},
                {"line", verdict.line == 0 ? Json() : Json(verdict.line)},
                {"crawl_delay_s", verdict.crawl_delay_s ? Json(*verdict.crawl_delay_s) : Json()}})
               .dump()
        << "\n";
  }
  return exit_code;
}

}  // namespace vigie::crawler::commands
