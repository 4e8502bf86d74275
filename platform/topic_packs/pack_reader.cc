// YAML → Pack, with every problem and its place.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "platform/json/json.h"
#include "platform/text/ascii.h"
#include "platform/text/matchable.h"
#include "platform/text/utf8.h"
#include "platform/topic_packs/pattern.h"
#include "platform/topic_packs/topic_packs.h"
#include "platform/yaml/yaml.h"

namespace vigie::topic_packs {
namespace {

constexpr std::array<std::string_view, 9> kKinds{"country", "org",   "body", "agency", "person",
                                                 "product", "place", "law",  "concept"};
constexpr std::size_t kMaxProblems = 200;  // a writer mends a few at a time
constexpr double kMaxWeight = 100;         // keeps scores finite and readable
constexpr double kStrong = 5;
constexpr double kNormal = 3;
constexpr double kWeak = 1;
constexpr double kLow = 0.5;  // of an actor's form that only hints at it
constexpr std::size_t kMaxAliases = 32;
constexpr std::size_t kMaxParents = 8;
constexpr std::size_t kMaxEcho = 80;  // bytes of a bad term in a message
/// Languages whose nouns change their ending: names of the pack in these match with other endings
/// too.
constexpr std::array<std::string_view, 20> kInflecting{"ru", "uk", "be", "bg", "mk", "sr", "hr",
                                                       "sl", "cs", "sk", "pl", "lt", "lv", "et",
                                                       "fi", "hu", "el", "ro", "tr", "kk"};

bool is_slug(std::string_view text) {
  if (text.empty() || text.size() > 80 || text.front() == '-' || text.back() == '-') return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return text::ascii::is_lower(c) || text::ascii::is_digit(c) || c == '-';
  });
}

bool is_language(std::string_view text) {
  return text == "any" ||
         (text.size() == 2 && std::all_of(text.begin(), text.end(), text::ascii::is_lower));
}

/// "Россия" → "Росси~": the name whatever its case.
std::string with_open_endings(std::string_view name) {
  std::string out;
  std::vector<std::string> words(1);
  for (const char c : name) {
    if (c == ' ') {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  for (std::string& word : words) {
    if (!out.empty()) out += ' ';
    std::vector<std::size_t> starts;
    char32_t last = 0;
    bool capitals = true;
    for (std::size_t offset = 0; offset < word.size();) {
      starts.push_back(offset);
      last = text::next_code_point(word, offset);
      capitals = capitals && text::is_capital(last);
    }
    static constexpr std::u32string_view kVowels = U"aeiouyąęáéíóúýаеиоуыэюяйьіїєαεηιουωάέήίόύώςσ";
    if (starts.size() >= 5 && !capitals) {
      out += kVowels.find(last) != std::u32string_view::npos ? word.substr(0, starts.back()) : word;
      out += '~';
    } else {
      out += word;
    }
  }
  return out;
}

/// A complaint of the YAML reader, whose `where` is FILE:LINE:COL.
Problem problem_of(const Error& error, const std::string& file) {
  Problem out{file, 1, 1, error.detail, false};
  const std::string& where = error.where;
  const std::size_t second = where.rfind(':');
  const std::size_t first =
      second == std::string::npos || second == 0 ? std::string::npos : where.rfind(':', second - 1);
  if (first != std::string::npos) {
    out.line = std::max(1, std::atoi(where.c_str() + first + 1));
    out.column = std::max(1, std::atoi(where.c_str() + second + 1));
  }
  return out;
}

class Reader {
 public:
  Reader(std::vector<Problem>& problems, const PackLimits& limits)
      : problems_(problems), limits_(limits) {}

  Pack read(const std::vector<PackFile>& files) {
    std::vector<std::pair<std::string, Yaml>> parsed;
    for (const PackFile& file : files) {
      file_ = file.name;
      if (file.text.size() > limits_.file_bytes) {
        complain(
            1, 1,
            "the file is larger than " + std::to_string(limits_.file_bytes) + " bytes; split it");
        continue;
      }
      if (!text::is_valid_utf8(file.text)) {
        complain(1, 1, "the file is not valid UTF-8; save it as UTF-8");
        continue;
      }
      auto yaml = parse_yaml(file.text, file.name);
      if (!yaml) {
        add(problem_of(yaml.error(), file.name));
        continue;
      }
      parsed.emplace_back(file.name, std::move(*yaml));
    }
    // Terms of every file may name the classes of every file.
    for (const auto& [name, root] : parsed) {
      file_ = name;
      read_classes(root.find("classes"));
    }
    for (const auto& [name, root] : parsed) {
      file_ = name;
      read_file(root);
    }
    if (pack_.name.empty()) {
      file_ = "pack.yaml";
      complain(1, 1, "the pack has no name; write pack.yaml with `pack: a-slug`");
    }
    check_references();
    check_parents();
    return std::move(pack_);
  }

 private:
  void add(Problem problem) {
    if (problems_.size() < kMaxProblems) problems_.push_back(std::move(problem));
  }
  void complain(int line, int column, std::string message) {
    add({file_, std::max(line, 1), std::max(column, 1), std::move(message), false});
  }
  void complain(const Yaml& at, std::string message) {
    complain(at.line, at.column, std::move(message));
  }

  static std::string echo(std::string_view term) {
    return "'" + text::ellipsize(term, kMaxEcho) + "'";
  }

  void only_keys(const Yaml& map, std::initializer_list<std::string_view> known,
                 std::string_view what) {
    for (const Yaml::Entry& entry : map.entries) {
      if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
      std::string list;
      for (const std::string_view key : known)
        list += (list.empty() ? "" : ", ") + std::string(key);
      complain(entry.line, entry.column,
               echo(entry.key) + " is no key of " + std::string(what) + "; the keys are " + list);
    }
  }

  std::string text_of(const Yaml& map, std::string_view key) {
    const Yaml* node = map.find(key);
    if (node == nullptr || node->kind == Yaml::Kind::kNull) return {};
    if (!node->is_scalar()) {
      complain(*node, "'" + std::string(key) + "' is a text");
      return {};
    }
    return node->scalar;
  }

  void read_file(const Yaml& root) {
    if (!root.is_map()) {
      complain(root, "a file of a pack is a map with `pack`, `topics` or `actors`");
      return;
    }
    only_keys(root, {"pack", "description", "contexts", "classes", "topics", "actors"},
              "a file of a pack");
    const std::string name = text_of(root, "pack");
    if (root.find("pack") != nullptr) {
      if (!is_slug(name))
        complain(*root.find("pack"), "the name of a pack is a slug of a-z, 0-9 and hyphens");
      if (!pack_.name.empty())
        complain(*root.find("pack"), "the pack has a name already; only pack.yaml says it");
      if (is_slug(name)) pack_.name = name;
      pack_.description = text_of(root, "description");
    }
    read_contexts(root.find("contexts"));
    each(root, "topics", [&](const Yaml& node) { read_topic(node); });
    each(root, "actors", [&](const Yaml& node) { read_actor(node); });
  }

  template <class Function>
  void each(const Yaml& map, std::string_view key, Function function) {
    const Yaml* node = map.find(key);
    if (node == nullptr || node->kind == Yaml::Kind::kNull) return;
    if (!node->is_sequence()) {
      complain(*node, "'" + std::string(key) + "' is a list");
      return;
    }
    for (const Yaml& item : node->items) function(item);
  }

  LocalTexts names_of(const Yaml& map, bool required) {
    LocalTexts out;
    const Yaml* node = map.find("name");
    if (node == nullptr) {
      if (required) complain(map, "it has no name; write name: {en: …, fr: …}");
      return out;
    }
    if (node->is_scalar()) {
      if (!node->scalar.empty()) out.emplace_back("any", node->scalar);
    } else if (node->is_map()) {
      for (const Yaml::Entry& entry : node->entries) {
        if (!is_language(entry.key))
          complain(entry.line, entry.column,
                   echo(entry.key) + " is no language; use ISO 639-1, e.g. en, or any");
        if (!entry.value.is_scalar() || entry.value.scalar.empty())
          complain(entry.value, "a name is a text");
        out.emplace_back(entry.key, entry.value.scalar);
      }
    }
    if (out.empty()) complain(*node, "a name is a text or a map of language and text");
    return out;
  }

  /// What the terms of one list have in common.
  struct Kind {
    double weight = 0;
    Names names = Names::kNo;
    bool sure = false;
    bool unseen = false;
  };

  void add_term(std::vector<Term>& out, const Yaml& at, std::string_view language,
                std::string pattern, const Kind& kind) {
    std::vector<std::string> languages{std::string(language)};
    if (const std::vector<std::string> classes = classes_of(pattern); !classes.empty())
      languages = languages_of(at, language, pattern, classes);
    for (const std::string& one : languages) add_term_of(out, at, one, pattern, kind);
  }

  /// A term of `any` that names classes is one of each language in which all of them have words.
  std::vector<std::string> languages_of(const Yaml& at, std::string_view language,
                                        const std::string& pattern,
                                        const std::vector<std::string>& names) {
    std::set<std::string> candidates;
    std::vector<const WordClass*> classes;
    for (const std::string& name : names) {
      classes.push_back(pack_.find_class(name));
      if (classes.back() == nullptr) {
        complain(at, echo(pattern) + ": there is no class '" + name +
                         "'; write it under classes: {" + name + ": {en: [word]}}");
        return {};
      }
      for (const Term& term : classes.back()->terms) candidates.insert(term.language);
    }
    if (language != "any") candidates = {std::string(language)};
    if (candidates.size() > 1) candidates.erase("any");
    std::vector<std::string> out;
    for (const std::string& candidate : candidates) {
      const auto has_words = [&](const WordClass* one) { return one->has_words_in(candidate); };
      if (std::all_of(classes.begin(), classes.end(), has_words)) out.push_back(candidate);
    }
    if (out.empty()) complain(at, echo(pattern) + ": its classes have no language in common");
    return out;
  }

  void add_term_of(std::vector<Term>& out, const Yaml& at, std::string_view language,
                   std::string pattern, const Kind& kind) {
    if (auto parsed = parse_pattern(pattern, kind.names, language); !parsed) {
      complain(at, echo(pattern) + ": " + parsed.error().detail);
      return;
    }
    if (++terms_ > limits_.terms) {
      if (terms_ == limits_.terms + 1)
        complain(at, "the pack has more than " + std::to_string(limits_.terms) + " terms");
      return;
    }
    for (const Term& term : out) {
      if (term.language == language && term.pattern == pattern) {
        complain(at, echo(pattern) + " is there twice; keep one");
        return;
      }
    }
    out.push_back({std::string(language), std::move(pattern), kind.weight, kind.sure, kind.unseen,
                   at.line, at.column});
  }

  /// A text, a list of texts, or a map of language and either.
  void read_terms(std::vector<Term>& out, const Yaml* node, const Kind& kind,
                  std::string_view language = "any") {
    if (node == nullptr || node->kind == Yaml::Kind::kNull) return;
    if (node->is_scalar()) {
      if (node->scalar.empty()) return complain(*node, "a term is empty");
      add_term(out, *node, language, node->scalar, kind);
    } else if (node->is_sequence()) {
      for (const Yaml& item : node->items) {
        if (!item.is_scalar()) {
          complain(item, "a term is a text");
        } else {
          read_terms(out, &item, kind, language);
        }
      }
    } else {
      for (const Yaml::Entry& entry : node->entries) {
        if (!is_language(entry.key)) {
          complain(entry.line, entry.column,
                   echo(entry.key) + " is no language; use ISO 639-1, e.g. en, or any");
        } else if (entry.value.is_map()) {
          complain(entry.value, "terms of a language are a list");
        } else {
          read_terms(out, &entry.value, kind, entry.key);
        }
      }
    }
  }

  void read_contexts(const Yaml* node) {
    if (node == nullptr || node->kind == Yaml::Kind::kNull) return;
    if (!node->is_map())
      return complain(*node, "contexts are a map of name and terms, e.g. chip: {en: [foundry]}");
    for (const Yaml::Entry& entry : node->entries) {
      if (!is_slug(entry.key))
        complain(entry.line, entry.column,
                 "the name of a context is a slug of a-z, 0-9 and hyphens");
      const auto is_it = [&](const Context& other) { return other.name == entry.key; };
      if (std::any_of(pack_.contexts.begin(), pack_.contexts.end(), is_it))
        complain(entry.line, entry.column, echo(entry.key) + " is there twice; keep one");
      Context context{entry.key, {}};
      read_terms(context.terms, &entry.value, {});
      pack_.contexts.push_back(std::move(context));
    }
  }

  void read_classes(const Yaml* node) {
    if (node == nullptr || node->kind == Yaml::Kind::kNull) return;
    if (!node->is_map())
      return complain(*node, "classes are a map of name and words, e.g. chip: {en: [processor*]}");
    for (const Yaml::Entry& entry : node->entries) {
      if (!is_slug(entry.key))
        complain(entry.line, entry.column, "the name of a class is a slug of a-z, 0-9 and hyphens");
      if (pack_.find_class(entry.key) != nullptr)
        complain(entry.line, entry.column, echo(entry.key) + " is there twice; keep one");
      WordClass made{entry.key, {}};
      read_terms(made.terms, &entry.value, {});
      const auto is_near = [](const Term& term) {
        return term.pattern.find('<') != std::string::npos || !classes_of(term.pattern).empty();
      };
      const auto wrong = std::find_if(made.terms.begin(), made.terms.end(), is_near);
      if (wrong != made.terms.end())
        complain(wrong->line, wrong->column,
                 echo(wrong->pattern) +
                     ": a class holds words and phrases, without nearness or "
                     "other classes");
      if (made.terms.empty()) complain(entry.line, entry.column, "a class without a word");
      std::erase_if(made.terms, is_near);
      pack_.classes.push_back(std::move(made));
    }
  }

  /// A list of ids under `key`, each with what `take` does with it.
  template <class Take>
  void read_ids(const Yaml& map, std::string_view key, std::size_t most, Take take) {
    const Yaml* node = map.find(key);
    if (node != nullptr && node->items.size() > most)
      return complain(*node,
                      "'" + std::string(key) + "' has at most " + std::to_string(most) + " ids");
    each(map, key, [&](const Yaml& id) {
      if (!id.is_scalar()) return complain(id, "an id is a text");
      take(id);
    });
  }

  void read_aliases(Topic& topic, const Yaml& node) {
    read_ids(node, "aliases", kMaxAliases, [&](const Yaml& id) {
      if (!is_slug(id.scalar))
        return complain(id, "an alias is the id of a topic: a slug of a-z, 0-9 and hyphens");
      if (!declare(id, id.scalar)) return;
      aliases_[id.scalar] = topic.id;
      topic.aliases.push_back(id.scalar);
    });
  }

  void read_parents(Topic& topic, const Yaml& node) {
    read_ids(node, "parents", kMaxParents, [&](const Yaml& id) {
      references_.push_back({{file_, id.line, id.column, "", false}, id.scalar});
      parent_places_[topic.id] = {file_, id.line, id.column, "", false};
      topic.parents.push_back(id.scalar);
    });
  }

  void read_examples(std::vector<Example>& out, const Yaml& map) {
    const Yaml* tests = map.find("tests");
    if (tests == nullptr) return;
    if (!tests->is_map())
      return complain(*tests, "tests are {must: {en: [text]}, must_not: {en: [text]}}");
    only_keys(*tests, {"must", "must_not"}, "tests");
    for (const Yaml::Entry& side : tests->entries) {
      std::vector<Term> texts;
      if (!side.value.is_map()) {
        complain(side.value, "examples are given by language, e.g. en: [text]");
        continue;
      }
      for (const Yaml::Entry& entry : side.value.entries) {
        if (!is_language(entry.key))
          complain(entry.line, entry.column, echo(entry.key) + " is no language");
        const auto take = [&](const Yaml& text) {
          if (!text.is_scalar() || text.scalar.empty())
            return complain(text, "an example is a text");
          out.push_back(
              {entry.key, text.scalar, side.key == "must", text.line, text.column, file_});
        };
        if (entry.value.is_sequence()) {
          for (const Yaml& text : entry.value.items) take(text);
        } else {
          take(entry.value);
        }
      }
    }
  }

  bool take_id(const Yaml& map, std::string& id, bool actor) {
    const Yaml* node = map.find("id");
    if (node == nullptr || !node->is_scalar()) {
      complain(map, "it has no id");
      return false;
    }
    id = node->scalar;
    const std::size_t colon = id.find(':');
    if (!actor && !is_slug(id)) {
      complain(*node, "the id of a topic is a slug of a-z, 0-9 and hyphens");
      return false;
    }
    if (actor) {
      const std::string_view kind =
          std::string_view(id).substr(0, colon == std::string::npos ? 0 : colon);
      const std::string_view slug =
          colon == std::string::npos ? std::string_view() : std::string_view(id).substr(colon + 1);
      const bool iso =
          slug.size() == 2 && text::ascii::is_upper(slug[0]) && text::ascii::is_upper(slug[1]);
      if (std::find(kKinds.begin(), kKinds.end(), kind) == kKinds.end()) {
        complain(*node,
                 "the id of an actor begins with country:, org:, body:, agency:, person:, "
                 "product:, place:, law: or concept:");
        return false;
      }
      if (kind == "country" ? !iso : !is_slug(slug)) {
        complain(*node, kind == "country"
                            ? "a country is country: and its ISO 3166-1 code, e.g. country:CN"
                            : "after the colon comes a slug of a-z, 0-9 and hyphens");
        return false;
      }
    }
    return declare(*node, id);
  }

  bool declare(const Yaml& at, const std::string& id) {
    const auto [place, fresh] = ids_.try_emplace(id, file_ + ":" + std::to_string(at.line));
    if (!fresh)
      complain(at, echo(id) + " is declared already at " + place->second + "; keep one of the two");
    return fresh;
  }

  void read_topic(const Yaml& node) {
    if (!node.is_map())
      return complain(node, "a topic is a map with id, name, definition, strong, normal, weak, …");
    only_keys(node,
              {"id", "aliases", "parents", "name", "definition", "medtop", "sure", "strong",
               "normal", "weak", "terms", "needs", "not", "veto", "together", "tests"},
              "a topic");
    Topic topic;
    if (!take_id(node, topic.id, false)) return;
    topic.file = file_;
    topic.line = node.line;
    topic.column = node.column;
    read_aliases(topic, node);
    read_parents(topic, node);
    topic.names = names_of(node, true);
    topic.definition = text_of(node, "definition");
    if (topic.definition.empty())
      complain(node, "'" + topic.id + "' has no definition; write one sentence");
    read_topic_terms(topic, node);
    read_examples(topic.examples, node);
    const auto has = [&](bool must) {
      return std::any_of(topic.examples.begin(), topic.examples.end(),
                         [&](const Example& e) { return e.must == must; });
    };
    if (!has(true) || !has(false))
      complain(node, "'" + topic.id +
                         "' needs tests: at least one text that must and one that must not match");
    if (topic.terms.empty())
      complain(node,
               "'" + topic.id + "' has no terms; write some under sure, strong, normal or weak");
    pack_.topics.push_back(std::move(topic));
  }

  void read_topic_terms(Topic& topic, const Yaml& node) {
    read_terms(topic.terms, node.find("sure"), {kStrong, Names::kNo, true});
    read_terms(topic.terms, node.find("strong"), {kStrong});
    read_terms(topic.terms, node.find("normal"), {kNormal});
    read_terms(topic.terms, node.find("weak"), {kWeak});
    each(node, "terms", [&](const Yaml& term) { read_weighted(topic, term); });
    read_terms(topic.context, node.find("needs"), {});
    read_terms(topic.excluded, node.find("not"), {});
    read_terms(topic.veto, node.find("veto"), {});
    each(node, "together", [&](const Yaml& together) { read_combination(topic, together); });
  }

  bool weight_of(const Yaml& map, double& out) {
    const Yaml* node = map.find("weight");
    const Json value = node == nullptr ? Json() : node->to_json();
    out = value.as_double(value.is_integer() ? static_cast<double>(value.as_integer()) : 0);
    if (node != nullptr && value.is_number() && out > 0 && out <= kMaxWeight) return true;
    complain(node == nullptr ? map : *node, "weight is a number above 0, at most 100");
    return false;
  }

  bool flag_of(const Yaml& map, std::string_view key) {
    const Yaml* node = map.find(key);
    if (node == nullptr) return false;
    const Json value = node->to_json();
    if (!value.is_bool()) complain(*node, "'" + std::string(key) + "' is true or false");
    return value.is_bool() && value.as_bool();
  }

  void read_weighted(Topic& topic, const Yaml& node) {
    double weight = 0;
    if (!node.is_map() || node.find("match") == nullptr)
      return complain(node, "an entry of terms is {weight: 2, match: {en: [term]}}");
    only_keys(node, {"weight", "unseen", "match"}, "an entry of terms");
    const bool unseen = flag_of(node, "unseen");
    if (weight_of(node, weight))
      read_terms(topic.terms, node.find("match"), {weight, Names::kNo, false, unseen});
  }

  void read_combination(Topic& topic, const Yaml& node) {
    Combination out;
    if (!node.is_map()) return complain(node, "an entry of together is {all: [id, id], weight: 4}");
    only_keys(node, {"all", "weight"}, "an entry of together");
    each(node, "all", [&](const Yaml& id) {
      if (!id.is_scalar()) return complain(id, "an id is a text");
      out.all.push_back(id.scalar);
      references_.push_back({{file_, id.line, id.column, "", false}, id.scalar});
    });
    if (out.all.empty() || out.all.size() > 8)
      return complain(node, "together names one to eight ids under all");
    if (weight_of(node, out.weight)) topic.combinations.push_back(std::move(out));
  }

  /// Says which references name nothing, and writes aliases out.
  void check_references() {
    for (auto& [problem, id] : references_) {
      if (ids_.count(id) != 0) continue;
      problem.message = echo(id) + " is no topic or actor of this pack";
      add(problem);
    }
    const auto canonical = [&](std::string& id) {
      const auto alias = aliases_.find(id);
      if (alias != aliases_.end()) id = alias->second;
    };
    for (Topic& topic : pack_.topics) {
      for (std::string& parent : topic.parents) canonical(parent);
      for (Combination& combination : topic.combinations) {
        for (std::string& id : combination.all) canonical(id);
      }
    }
  }

  /// Parents are topics, and nobody is their own ancestor.
  void check_parents() {
    std::map<std::string_view, const Topic*> topics;
    for (const Topic& topic : pack_.topics) topics[topic.id] = &topic;
    for (const auto& [id, place] : parent_places_) {
      std::set<std::string_view> seen;
      std::vector<std::string_view> open{id};
      bool wrong = false;
      while (!open.empty()) {
        const auto topic = topics.find(open.back());
        open.pop_back();
        if (topic == topics.end()) continue;
        for (const std::string& parent : topic->second->parents) {
          wrong = wrong || parent == id || parent.find(':') != std::string::npos;
          if (seen.insert(parent).second) open.push_back(parent);
        }
      }
      if (!wrong) continue;
      Problem problem = place;
      problem.message = "'" + id +
                        "' cannot have this parent: parents are topics, and none is "
                        "its own ancestor";
      add(std::move(problem));
    }
  }

  void read_actor(const Yaml& node) {
    if (!node.is_map()) return complain(node, "an actor is a map with id, name, qid, forms, …");
    only_keys(node,
              {"id", "qid", "name", "definition", "weight", "forms", "low", "unsure", "needs",
               "short", "not", "tests"},
              "an actor");
    Actor actor;
    if (!take_id(node, actor.id, true)) return;
    actor.file = file_;
    actor.line = node.line;
    actor.column = node.column;
    actor.kind = actor.id.substr(0, actor.id.find(':'));
    actor.names = names_of(node, true);
    actor.definition = text_of(node, "definition");
    actor.qid = text_of(node, "qid");
    if (!actor.qid.empty() && (actor.qid.size() < 2 || actor.qid[0] != 'Q' ||
                               actor.qid.find_first_not_of("0123456789", 1) != std::string::npos)) {
      complain(*node.find("qid"),
               "a Wikidata identifier is Q and digits; leave it out where none is proven");
    }
    if (node.find("weight") != nullptr && weight_of(node, actor.weight) && actor.weight > 1)
      complain(*node.find("weight"), "the weight of an actor is above 0, at most 1");
    read_terms(actor.unsure, node.find("unsure"), {1, Names::kYes});
    read_terms(actor.context, node.find("needs"), {0, Names::kYes});
    read_terms(actor.short_forms, node.find("short"), {1, Names::kYes});
    read_terms(actor.excluded, node.find("not"), {});
    read_names(actor, node);
    if (!actor.unsure.empty() && actor.context.empty())
      complain(*node.find("unsure"),
               "unsure forms need a context; write needs: [words that must be in the article]");
    read_examples(actor.examples, node);
    pack_.actors.push_back(std::move(actor));
  }

  /// Names and forms, each once, as terms.
  void read_names(Actor& actor, const Yaml& node) {
    std::set<std::pair<std::string, std::string>> seen;
    for (const auto& [language, name] : actor.names) {
      // Whatever the accents: Geórgia is as unsure as Georgia.
      const std::string laid_out = text::matchable(name).text;
      const auto is_this = [&](const Term& term) {
        return text::matchable(term.pattern).text == laid_out;
      };
      if (std::any_of(actor.unsure.begin(), actor.unsure.end(), is_this)) continue;
      const bool inflecting =
          std::find(kInflecting.begin(), kInflecting.end(), language) != kInflecting.end();
      std::string pattern = inflecting ? with_open_endings(name) : name;
      if (language == "de" && name.find_first_of(" -") == std::string::npos && name.size() > 3)
        pattern += "|" + name + "s";
      if (seen.insert({language, pattern}).second)
        add_term(actor.terms, *node.find("name"), language, std::move(pattern), {1, Names::kYes});
    }
    std::vector<Term> forms;
    read_terms(forms, node.find("forms"), {1, Names::kYes});
    read_terms(forms, node.find("low"), {kLow, Names::kYes});
    for (Term& form : forms) {
      if (seen.insert({form.language, form.pattern}).second) actor.terms.push_back(std::move(form));
    }
  }

  std::vector<Problem>& problems_;
  const PackLimits limits_;
  Pack pack_;
  std::string file_;
  std::size_t terms_ = 0;
  std::map<std::string, std::string> ids_;      // and aliases: where they are declared
  std::map<std::string, std::string> aliases_;  // the topic of each
  std::map<std::string, Problem> parent_places_;
  std::vector<std::pair<Problem, std::string>> references_;
};

}  // namespace

Pack read_pack(const std::vector<PackFile>& files, std::vector<Problem>& problems,
               const PackLimits& limits) {
  Pack pack = Reader(problems, limits).read(files);
  // FNV-1a of names and bytes: the version only has to differ between two states of a pack.
  std::uint64_t hash = 14695981039346656037ULL;
  const auto add = [&hash](std::string_view bytes) {
    for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    hash = (hash ^ 0x1FFU) * 1099511628211ULL;
  };
  for (const PackFile& file : files) {
    add(file.name);
    add(file.text);
  }
  static constexpr char kDigits[] = "0123456789abcdef";
  for (int digit = 0; digit < 12; ++digit) pack.version += kDigits[(hash >> (60 - 4 * digit)) & 15];
  return pack;
}

}  // namespace vigie::topic_packs
