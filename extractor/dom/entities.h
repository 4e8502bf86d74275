#pragma once

#include <cstddef>
#include <string_view>

namespace vigie::extractor::dom {

struct Entity {
  std::string_view name;  // without '&' and ';'
  std::string_view utf8;
  bool semicolon_optional;  // the hundred or so that HTML 4 pages write without it
};

extern const Entity kEntities[];
extern const std::size_t kEntityCount;

}  // namespace vigie::extractor::dom
