#include "vigie/plain_commands.h"

#include <sys/random.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "platform/json/json.h"
#include "platform/process/process.h"
#include "platform/text/utf8.h"
#include "platform/url/url.h"

namespace vigie::cli {
namespace {

/// "topics lint" → its options and sub-commands, in one word list a command path.
void walk_completions(const CLI::App& app, const std::string& path,
                      std::vector<std::pair<std::string, std::string>>& out) {
  std::string words;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    words += sub->get_name() + " ";
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) words += "--" + name + " ";
  }
  out.emplace_back(path, words);
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    // two levels deep by construction
    walk_completions(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), out);
  }
}

/// False if it is no URL; the line says why.
bool print_url(const std::string& text, std::ostream& out) {
  Json line = Json::object({{"url", text::to_valid_utf8(text)}});
  auto parsed = url::parse(text);
  auto canonical = parsed ? url::normalise(*parsed) : Result<std::string>(failure(parsed.error()));
  if (canonical) {
    const std::string host = parsed->host.value_or("");
    line.set("canonical", *canonical);
    line.set("host", host);
    line.set("registrable_domain", url::registrable_domain(host));
  } else {
    line.set("error", text::to_valid_utf8(canonical.error().to_string()));
  }
  out << line.dump() << '\n';
  return canonical.has_value();
}

/// The next line that is not empty, without its end.
bool next_line(std::istream& in, std::string& line) {
  while (std::getline(in, line)) {
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) return true;
  }
  return false;
}

}  // namespace

int run_url(const std::vector<std::string>& urls, std::istream& in, std::ostream& out) {
  int code = process::kExitOk;
  std::string line;
  for (const std::string& text : urls) {
    if (text != "-") {
      if (!print_url(text, out)) code = process::kExitSomeFailed;
      continue;
    }
    while (next_line(in, line)) {
      if (!print_url(line, out)) code = process::kExitSomeFailed;
    }
  }
  return code;
}

std::vector<std::string> with_lines_of(std::istream& in, std::vector<std::string> arguments) {
  const auto place = std::find(arguments.begin(), arguments.end(), "-");
  if (place == arguments.end()) return arguments;
  std::vector<std::string> lines;
  for (std::string line; next_line(in, line);) lines.push_back(line);
  arguments.insert(arguments.erase(place), lines.begin(), lines.end());
  return arguments;
}

int run_keys(const std::string& file, bool show, std::ostream& out) {
  std::error_code error;
  const bool there = std::filesystem::exists(file, error);
  if (!there) {
    std::array<unsigned char, 32> bytes{};
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
      std::cerr << "vigie keys: the system gives no random bytes: " << std::strerror(errno) << '\n';
      return process::kExitCannotStart;
    }
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string key;
    for (const unsigned char byte : bytes) key += {kDigits[byte >> 4U], kDigits[byte & 15U]};
    if (auto written = process::write_file_atomically(file, key + "\n"); !written) {
      std::cerr << "vigie keys: " << written.error().to_string() << '\n';
      return process::kExitCannotStart;
    }
  }
  Json told = Json::object({{"file", text::to_valid_utf8(file)}, {"made", !there}});
  if (show) {
    std::ifstream in(file);
    std::string key;
    while (next_line(in, key) && (key.empty() || key[0] == '#')) key.clear();
    if (key.empty()) {
      std::cerr << "vigie keys: " << file << ": no key can be read\n";
      return process::kExitCannotStart;
    }
    told.set("key", text::to_valid_utf8(key));
  }
  out << told.dump() << '\n';
  return process::kExitOk;
}

int run_config(const config::Settings& settings, bool json, std::ostream& out) {
  for (const auto& [name, value] : settings.effective()) {
    if (json)
      out << Json::object({{"key", name}, {"value", value.value}, {"origin", value.origin}}).dump()
          << '\n';
    else out << name << ": " << value.value.dump() << "    # " << value.origin << '\n';
  }
  return process::kExitOk;
}

int run_completion(const CLI::App& app, const std::string& shell, std::ostream& out) {
  std::vector<std::pair<std::string, std::string>> words;
  walk_completions(app, "", words);
  if (shell == "fish") {
    for (const auto& [path, list] : words) {
      const std::string condition =
          path.empty() ? "__fish_use_subcommand" : "__fish_seen_subcommand_from " + path;
      out << "complete -c vigie -n '" << condition << "' -a '" << list << "'\n";
    }
    return process::kExitOk;
  }
  if (shell == "zsh") out << "autoload -U +X bashcompinit && bashcompinit\n";
  out << "_vigie() {\n  local current=\"${COMP_WORDS[COMP_CWORD]}\" path=\"\" word\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do case \"$word\" in -*) ;; *) "
         "path=\"${path:+$path }$word\" ;; esac; done\n"
         "  local words=\"\"\n  case \"$path\" in\n";
  for (auto entry = words.rbegin(); entry != words.rend(); ++entry) {
    out << "    \"" << entry->first << "\"" << (entry->first.empty() ? "" : "*") << ") words=\""
        << entry->second << "\" ;;\n";
  }
  out << "  esac\n  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
         "  [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"$current\"))\n}\ncomplete "
         "-o filenames -F _vigie vigie\n";
  return process::kExitOk;
}

}  // namespace vigie::cli
