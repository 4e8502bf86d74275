#include "vigie/mcp_command.h"

#include <ostream>

#include "indexer/mcp/server.h"
#include "indexer/mcp/transports.h"
#include "platform/process/process.h"

namespace vigie::cli {

int run_mcp(Api& api, std::istream& in, std::ostream& out, std::ostream& err) {
  err << "vigie mcp: reading from " << api.where() << std::endl;
  const indexer::mcp::Server server(
      [&api](http::Request request) { return api.call(std::move(request)); }, VIGIE_VERSION);
  if (indexer::mcp::serve_lines(server, in, out)) return process::kExitOk;
  err << "vigie mcp: stdout was closed\n";
  return process::kExitSomeFailed;
}

}  // namespace vigie::cli
