#include "proto/library_messages.h"

#include <google/protobuf/stubs/logging.h>

#include <string>
#include <utility>

namespace vigie::proto {
namespace {

std::function<void(std::string_view)>& listener() {
  static std::function<void(std::string_view)> tell;
  return tell;
}

void on_message(google::protobuf::LogLevel, const char*, int, const std::string& message) {
  if (listener()) listener()(message);
}

}  // namespace

void tell_library_messages(std::function<void(std::string_view message)> tell) {
  listener() = std::move(tell);
  google::protobuf::SetLogHandler(&on_message);
}

}  // namespace vigie::proto
