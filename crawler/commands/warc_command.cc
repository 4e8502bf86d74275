#include <ostream>

#include "crawler/commands/commands.h"
#include "platform/json/json.h"
#include "platform/logging/logging.h"
#include "platform/process/process.h"
#include "platform/warc/verify.h"

namespace vigie::crawler::commands {

int run_warc_verify(const std::vector<std::string>& files, std::ostream& out, std::ostream& err) {
  int exit_code = process::kExitOk;
  for (const std::string& file : files) {
    const auto verified = warc::verify_warc(file);
    if (!verified) {
      err << logging::escape_for_terminal(verified.error().to_string()) << "\n";
      exit_code = process::kExitSomeFailed;
      continue;
    }
    Json types = Json::object();
    for (const auto& [type, count] : verified->by_type)
      types.set(type, static_cast<std::int64_t>(count));
    Json problems = Json::array();
    for (const warc::WarcProblem& problem : verified->problems) {
      problems.push(Json::object(
          {{"offset", static_cast<std::int64_t>(problem.offset)}, {"what", problem.what}}));
      err << logging::escape_for_terminal(file) << ":" << problem.offset << ": " << problem.what
          << "\n";
      exit_code = process::kExitSomeFailed;
    }
    out << Json::object({{"file", file},
                         {"records", static_cast<std::int64_t>(verified->records)},
                         {"types", std::move(types)},
                         {"digests", static_cast<std::int64_t>(verified->digests)},
                         {"unverified", static_cast<std::int64_t>(verified->unverified)},
                         {"cut", verified->cut},
                         {"problems", std::move(problems)},
                         {"more_problems", static_cast<std::int64_t>(verified->more_problems)}})
               .dump()
        << "\n";
  }
  return exit_code;
}

}  // namespace vigie::crawler::commands
