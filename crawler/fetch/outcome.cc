#include "crawler/fetch/outcome.h"

namespace vigie::crawler::fetch {

std::string failure_reason(int status) {
  switch (status) {
    case 401:
    case 402:
    case 403:
    case 451: return "http_denied";
    case 404: return "http_404";
    case 410: return "http_410";
    case 429: return "http_429";
    case 503: return "http_503";
    default: return status >= 500 ? "http_5xx" : status >= 400 ? "http_4xx" : "http_status";
  }
}

}  // namespace vigie::crawler::fetch
