#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "platform/process/process.h"
#include "platform/text/utf8.h"

/// A page of ops/spec, read as far as tests need it.
namespace vigie::spec {

/// The lines of a page. Tests run in the top folder.
inline std::vector<std::string> lines_of(std::string_view page) {
  const auto text = process::read_file(std::filesystem::path("ops/spec") / page);
  std::vector<std::string> lines;
  std::string_view rest = text ? std::string_view(*text) : std::string_view();
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    lines.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return lines;
}

/// Heading of the third level → the text below it, up to the next heading.
inline std::map<std::string, std::string> sections_of(std::string_view page) {
  std::map<std::string, std::string> out;
  std::string heading;
  for (const std::string& line : lines_of(page)) {
    if (line.starts_with('#')) {
      heading = line.starts_with("### ") ? line.substr(4) : std::string();
      if (!heading.empty()) out[heading] = "";
    } else if (!heading.empty()) {
      out[heading] += line + "\n";
    }
  }
  return out;
}

/// The cells of the rows of the table whose head begins with `first_cell`; head and rule left out.
inline std::vector<std::vector<std::string>> table_of(std::string_view page,
                                                      std::string_view first_cell) {
  std::vector<std::vector<std::string>> rows;
  bool inside = false;
  for (const std::string& line : lines_of(page)) {
    if (!line.starts_with('|')) {
      inside = false;
      continue;
    }
    std::vector<std::string> cells;
    for (std::size_t begin = 1; begin < line.size();) {
      const std::size_t end = std::min(line.find('|', begin), line.size());
      cells.emplace_back(text::trim(std::string_view(line).substr(begin, end - begin)));
      begin = end + 1;
    }
    if (cells.front() == first_cell) inside = true;
    else if (inside && !cells.front().starts_with("---")) rows.push_back(std::move(cells));
  }
  return rows;
}

/// What stands in backticks, in order.
inline std::vector<std::string> quoted_of(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t open = text.find('`'); open != std::string_view::npos;) {
    const std::size_t close = text.find('`', open + 1);
    if (close == std::string_view::npos) break;
    out.emplace_back(text.substr(open + 1, close - open - 1));
    open = text.find('`', close + 1);
  }
  return out;
}

}  // namespace vigie::spec
