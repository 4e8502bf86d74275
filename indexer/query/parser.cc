#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "indexer/analysis/analysis.h"
#include "indexer/query/filter.h"
#include "indexer/query/lexer.h"
#include "indexer/query/query.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::query {
namespace {

using Kind = Node::Kind;

constexpr std::size_t kMaxCompoundParts = 8;     // a longer one is looked for as it is written
constexpr std::size_t kMinPrefixCharacters = 2;  // a shorter one stands for half the dictionary
constexpr std::string_view kOperandExpected =
    "a word, a \"phrase\", a filter such as topic:… or an opening parenthesis";

/// Operators of the shunting-yard algorithm (Dijkstra 1961), which needs no recursion. A greater
/// number binds tighter.
enum class Operator : std::uint8_t { kOpen = 0, kOr = 1, kAnd = 2, kNot = 3, kNear = 4 };

struct Pending {
  Operator operation = Operator::kOpen;
  Scope scope = Scope::kAnywhere;  // kOpen: what surrounds it
  std::uint32_t distance = 0;
  std::uint32_t begin = 0;
};

class Parser {
 public:
  Parser(std::string_view text, const QueryLimits& limits) : text_(text), limits_(limits) {}

  tl::expected<std::vector<Node>, SyntaxError> run() {
    auto lexemes = lex(text_);
    if (!lexemes) return tl::make_unexpected(lexemes.error());
    has_near_ = std::any_of(lexemes->begin(), lexemes->end(), [](const Lexeme& lexeme) {
      return lexeme.kind == Lexeme::Kind::kNear;
    });
    for (const Lexeme& lexeme : *lexemes) {
      take(lexeme);
      if (error_) return tl::make_unexpected(*error_);
    }
    return in_order();
  }

 private:
  void take(const Lexeme& lexeme) {
    switch (lexeme.kind) {
      case Lexeme::Kind::kWord:
      case Lexeme::Kind::kExact:
      case Lexeme::Kind::kPrefix:
      case Lexeme::Kind::kPhrase: return take_words(lexeme);
      case Lexeme::Kind::kField: return take_field(lexeme);
      case Lexeme::Kind::kValue: return take_value(lexeme);
      case Lexeme::Kind::kOpen: return take_open(lexeme);
      case Lexeme::Kind::kClose: return take_close(lexeme);
      case Lexeme::Kind::kNot: return take_not(lexeme);
      case Lexeme::Kind::kAnd: return take_binary(lexeme, Operator::kAnd);
      case Lexeme::Kind::kOr: return take_binary(lexeme, Operator::kOr);
      case Lexeme::Kind::kNear: return take_binary(lexeme, Operator::kNear);
      case Lexeme::Kind::kEnd: return finish(lexeme);
    }
  }

  void take_words(const Lexeme& lexeme) {
    std::optional<Node> leaf = make_leaf(lexeme);
    if (error_) return;
    if (!leaf) {  // punctuation alone, which articles are read without as well
      if (title_next_) fail("a word after title:", lexeme.begin);
      return;
    }
    leaf->scope = title_next_ ? Scope::kTitle : scope_;
    title_next_ = false;
    if (is_compound(*leaf)) return compound(*leaf, lexeme);
    operand(std::move(*leaf), lexeme.begin, lexeme.end);
  }

  /// "semi-conducteur" is two words, and is to be found inflected too: it stands for semi NEAR/1
  /// conducteur, and porte-à-faux for porte NEAR/1 à and à NEAR/1 faux. NEAR takes neither for an
  /// operand, so that a query which has a NEAR of its own looks for the forms side by side.
  bool is_compound(const Node& leaf) const {
    if (has_near_ || leaf.kind != Kind::kWord || leaf.words[0].exact ||
        leaf.words[0].forms.size() < 2 || leaf.words[0].forms.size() > kMaxCompoundParts)
      return false;
    return std::none_of(leaf.words[0].forms.begin(), leaf.words[0].forms.end(),
                        [](const std::string& form) { return analysis::is_unspaced(form); });
  }

  void compound(const Node& leaf, const Lexeme& lexeme) {
    and_where_nothing_is_said();
    const std::vector<std::string>& forms = leaf.words[0].forms;
    std::vector<std::uint32_t> pairs;
    for (std::size_t i = 0; i + 1 < forms.size() && !error_; ++i) {
      const std::uint32_t left = compound_part(leaf, lexeme, forms[i]);
      const std::uint32_t right = error_ ? left : compound_part(leaf, lexeme, forms[i + 1]);
      if (error_) return;
      near({Operator::kNear, leaf.scope, 1, lexeme.begin}, left, right);
      if (!error_) pairs.push_back(pop_operand());
    }
    if (error_) return;
    if (pairs.size() == 1) {
      operands_.push_back(pairs[0]);
    } else {
      Node all;
      all.kind = Kind::kAnd;
      all.children = std::move(pairs);
      all.begin = lexeme.begin;
      all.end = lexeme.end;
      add(std::move(all));
    }
    expects_operand_ = false;
  }

  std::uint32_t compound_part(const Node& leaf, const Lexeme& lexeme, const std::string& form) {
    Node part;
    part.kind = Kind::kWord;
    part.scope = leaf.scope;
    part.words.push_back({form, {form}, false});
    part.begin = lexeme.begin;
    part.end = lexeme.end;
    add(std::move(part));
    return error_ ? 0 : pop_operand();
  }

  std::uint32_t pop_operand() {
    const std::uint32_t top = operands_.back();
    operands_.pop_back();
    return top;
  }

  std::optional<Node> make_leaf(const Lexeme& lexeme) {
    const std::string typed = text::nfc(lexeme.text);
    std::vector<analysis::Token> tokens = analysis::tokens(typed);
    if (lexeme.kind == Lexeme::Kind::kPrefix) return make_prefix(lexeme, typed, tokens);
    if (tokens.empty()) return std::nullopt;
    Node node;
    if (lexeme.kind == Lexeme::Kind::kPhrase) {
      node.kind = Kind::kPhrase;
      for (analysis::Token& token : tokens) {
        node.words.push_back(
            {typed.substr(token.offset, token.length), {std::move(token.form)}, false});
      }
      return node;
    }
    node.kind = Kind::kWord;
    node.words.push_back(word_of(typed, tokens, lexeme.kind == Lexeme::Kind::kExact));
    return node;
  }

  std::optional<Node> make_prefix(const Lexeme& lexeme, const std::string& typed,
                                  std::vector<analysis::Token>& tokens) {
    Node node;
    if (!tokens.empty() && analysis::is_unspaced(tokens.back().form)) {
      node.kind = Kind::kWord;  // any run of characters is found by its beginning
      node.words.push_back(word_of(typed, tokens, false));
      return node;
    }
    if (tokens.size() > 1) {
      fail("one word before *; \"" + typed + "\" is several, write the last one apart",
           lexeme.begin);
      return std::nullopt;
    }
    if (tokens.empty() || text::count_code_points(tokens[0].form) < kMinPrefixCharacters) {
      fail("at least two letters or digits before *", lexeme.begin);
      return std::nullopt;
    }
    node.kind = Kind::kPrefix;
    node.prefix = tokens[0].form;
    node.words.push_back({typed, {}, false});
    return node;
  }

  static Word word_of(const std::string& typed, std::vector<analysis::Token>& tokens, bool exact) {
    Word word{typed, {}, exact};
    for (analysis::Token& token : tokens) word.forms.push_back(std::move(token.form));
    return word;
  }

  void take_field(const Lexeme& lexeme) {
    if (title_next_)
      return fail("a word, a \"phrase\" or an opening parenthesis after title:", lexeme.begin);
    field_begin_ = lexeme.begin;
    const std::string name = text::ascii_lower(lexeme.text);
    if (name == "title") {
      title_next_ = true;
    } else {
      filter_ = *filter_named(name);
    }
  }

  void take_value(const Lexeme& lexeme) {
    auto value = parse_filter_value(filter_, lexeme.text);
    if (!value) {
      error_ = SyntaxError{value.error().detail.substr(std::string_view("expected ").size()),
                           lexeme.begin};
      return;
    }
    Node node;
    node.kind = Kind::kFilter;
    node.filter = filter_;
    node.value = std::move(value->value);
    node.value_ms = value->value_ms;
    operand(std::move(node), field_begin_, lexeme.end);
  }

  void take_open(const Lexeme& lexeme) {
    and_where_nothing_is_said();
    pending_.push_back({Operator::kOpen, scope_, 0, lexeme.begin});
    if (title_next_) scope_ = Scope::kTitle;
    title_next_ = false;
  }

  void take_close(const Lexeme& lexeme) {
    if (expects_operand_) return fail(std::string(kOperandExpected) + " before )", lexeme.begin);
    while (!error_ && !pending_.empty() && pending_.back().operation != Operator::kOpen) reduce();
    if (error_) return;
    if (pending_.empty()) return fail("an opening parenthesis for this one", lexeme.begin);
    scope_ = pending_.back().scope;
    pending_.pop_back();
  }

  void take_not(const Lexeme& lexeme) {
    if (title_next_) return fail("a word after title:; write -title:word", lexeme.begin);
    and_where_nothing_is_said();
    pending_.push_back({Operator::kNot, scope_, 0, lexeme.begin});
  }

  void take_binary(const Lexeme& lexeme, Operator operation) {
    if (expects_operand_ || title_next_) {
      return fail(std::string(kOperandExpected) + " before " +
                      std::string(text_.substr(lexeme.begin, lexeme.end - lexeme.begin)),
                  lexeme.begin);
    }
    push_operator({operation, scope_, lexeme.distance, lexeme.begin});
  }

  void finish(const Lexeme& lexeme) {
    if (title_next_)
      return fail("a word, a \"phrase\" or an opening parenthesis after title:", lexeme.begin);
    if (expects_operand_) {
      if (nodes_.empty() && pending_.empty()) {
        if (!text::trim(text_).empty())
          return fail("a word: punctuation alone cannot be searched for", 0);
        nodes_.emplace_back();
        operands_.push_back(0);
        return;
      }
      return fail(std::string(kOperandExpected), lexeme.begin);
    }
    while (!error_ && !pending_.empty()) {
      if (pending_.back().operation == Operator::kOpen)
        return fail("a closing parenthesis for the one that opens here", pending_.back().begin);
      reduce();
    }
  }

  void and_where_nothing_is_said() {
    if (!expects_operand_) push_operator({Operator::kAnd, scope_, 0, 0});
  }

  void operand(Node node, std::uint32_t begin, std::uint32_t end) {
    and_where_nothing_is_said();
    node.begin = begin;
    node.end = end;
    add(std::move(node));
    expects_operand_ = false;
  }

  void push_operator(Pending operation) {
    while (!error_ && !pending_.empty() && pending_.back().operation >= operation.operation)
      reduce();
    pending_.push_back(operation);
    expects_operand_ = true;
  }

  void add(Node node) {
    if (nodes_.size() >= limits_.nodes)
      return fail("at most " + std::to_string(limits_.nodes) + " words and operators", node.begin);
    std::size_t depth = 1;
    for (std::uint32_t child : node.children) depth = std::max(depth, depths_[child] + 1);
    if (depth > limits_.depth)
      return fail("at most " + std::to_string(limits_.depth) + " levels of operators in each other",
                  node.begin);
    operands_.push_back(static_cast<std::uint32_t>(nodes_.size()));
    nodes_.push_back(std::move(node));
    depths_.push_back(depth);
  }

  /// Applies the operator on top to its operands.
  void reduce() {
    const Pending operation = pending_.back();
    pending_.pop_back();
    const std::uint32_t right = operands_.back();
    operands_.pop_back();
    if (operation.operation == Operator::kNot) return negate(operation, right);
    const std::uint32_t left = operands_.back();
    operands_.pop_back();
    if (operation.operation == Operator::kNear) return near(operation, left, right);
    const Kind kind = operation.operation == Operator::kAnd ? Kind::kAnd : Kind::kOr;
    if (nodes_[left].kind == kind) {  // a AND b AND c is one node
      operands_.push_back(left);
      const std::size_t before = nodes_[left].children.size();
      append(left, kind, right);
      for (std::size_t i = before; i < nodes_[left].children.size(); ++i) {
        depths_[left] = std::max(depths_[left], depths_[nodes_[left].children[i]] + 1);
      }
      if (depths_[left] > limits_.depth)
        fail("at most " + std::to_string(limits_.depth) + " levels of operators in each other",
             operation.begin);
      return;
    }
    Node node;
    node.kind = kind;
    node.children.push_back(left);
    node.begin = nodes_[left].begin;
    node.end = nodes_[right].end;
    if (nodes_[right].kind == kind) {
      node.children.insert(node.children.end(), nodes_[right].children.begin(),
                           nodes_[right].children.end());
    } else {
      node.children.push_back(right);
    }
    add(std::move(node));
  }

  void append(std::uint32_t parent, Kind kind, std::uint32_t child) {
    Node& node = nodes_[parent];
    node.end = nodes_[child].end;
    if (nodes_[child].kind == kind) {
      node.children.insert(node.children.end(), nodes_[child].children.begin(),
                           nodes_[child].children.end());
    } else {
      node.children.push_back(child);
    }
  }

  void negate(const Pending& operation, std::uint32_t child) {
    if (nodes_[child].kind == Kind::kNot) {  // twice is not at all
      operands_.push_back(nodes_[child].children[0]);
      return;
    }
    Node node;
    node.kind = Kind::kNot;
    node.children.push_back(child);
    node.begin = operation.begin;
    node.end = nodes_[child].end;
    add(std::move(node));
  }

  void near(const Pending& operation, std::uint32_t left, std::uint32_t right) {
    if (!stands_in_near(left) || !stands_in_near(right)) {
      return fail("a word, a \"phrase\", a prefix* or (words joined by OR) on each side of NEAR",
                  operation.begin);
    }
    Node node;
    node.kind = Kind::kNear;
    node.children = {left, right};
    node.distance = operation.distance;
    node.begin = nodes_[left].begin;
    node.end = nodes_[right].end;
    add(std::move(node));
  }

  bool stands_in_near(std::uint32_t index) const {
    const auto is_words = [this](std::uint32_t at) {
      const Kind kind = nodes_[at].kind;
      return kind == Kind::kWord || kind == Kind::kPhrase || kind == Kind::kPrefix;
    };
    const Node& node = nodes_[index];
    if (node.kind == Kind::kOr)
      return std::all_of(node.children.begin(), node.children.end(), is_words);
    return is_words(index);
  }

  /// The nodes that the root reaches, children before parents.
  std::vector<Node> in_order() {
    std::vector<Node> out;
    std::vector<std::uint32_t> placed(nodes_.size(), 0);
    std::vector<std::pair<std::uint32_t, std::size_t>> path{{operands_.back(), 0}};
    while (!path.empty()) {
      auto& [index, next] = path.back();
      if (next < nodes_[index].children.size()) {
        path.emplace_back(nodes_[index].children[next++], 0);
        continue;
      }
      Node& node = nodes_[index];
      for (std::uint32_t& child : node.children) child = placed[child];
      placed[index] = static_cast<std::uint32_t>(out.size());
      out.push_back(std::move(node));
      path.pop_back();
    }
    return out;
  }

  void fail(std::string expected, std::size_t offset) {
    error_ = SyntaxError{std::move(expected), offset};
  }

  std::string_view text_;
  const QueryLimits& limits_;
  std::vector<Node> nodes_;
  std::vector<std::size_t> depths_;
  std::vector<std::uint32_t> operands_;
  std::vector<Pending> pending_;
  std::optional<SyntaxError> error_;
  Scope scope_ = Scope::kAnywhere;
  Filter filter_{};
  std::uint32_t field_begin_ = 0;
  bool title_next_ = false;
  bool expects_operand_ = true;
  bool has_near_ = false;  // anywhere in the query
};

/// What a subscription may not say; nullopt if it is in order.
std::optional<SyntaxError> refused_in_subscription(const std::vector<Node>& nodes) {
  // For each node: whether an article must hold something to meet it, and whether it must to fail
  // it (De Morgan).
  std::vector<std::pair<bool, bool>> needs(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = nodes[i];
    if (node.kind == Kind::kFilter && search_only(node.filter)) {
      return SyntaxError{"no " + std::string(filter_name(node.filter)) +
                             ": in a subscription, which looks at new articles only",
                         node.begin};
    }
    const auto any_of = [&](bool met) {
      return std::any_of(node.children.begin(), node.children.end(), [&](std::uint32_t child) {
        return met ? needs[child].first : needs[child].second;
      });
    };
    const auto all_of = [&](bool met) {
      return std::all_of(node.children.begin(), node.children.end(), [&](std::uint32_t child) {
        return met ? needs[child].first : needs[child].second;
      });
    };
    switch (node.kind) {
      case Kind::kAll: break;
      case Kind::kAnd: needs[i] = {any_of(true), all_of(false)}; break;
      case Kind::kOr: needs[i] = {all_of(true), any_of(false)}; break;
      case Kind::kNot:
        needs[i] = {needs[node.children[0]].second, needs[node.children[0]].first};
        break;
      default: needs[i] = {true, false};
    }
  }
  if (needs.back().first) return std::nullopt;
  return SyntaxError{
      "at least one word, phrase or filter that every article must have; this would match "
      "everything, or only by exclusion",
      0};
}

tl::unexpected<Error> bad_query(std::string_view text, const SyntaxError& error,
                                std::size_t* error_offset) {
  const std::size_t offset = std::min(error.offset, text.size());
  if (error_offset != nullptr) *error_offset = offset;
  const std::size_t column =
      text::is_valid_utf8(text) ? text::count_code_points(text.substr(0, offset)) + 1 : offset + 1;
  return failure(Disposition::kQuarantine, "bad_query", "expected " + error.expected,
                 "column " + std::to_string(column));
}

}  // namespace

Result<Query> parse(std::string_view text, Use use, const QueryLimits& limits,
                    std::size_t* error_offset) {
  if (text.size() > limits.bytes) {
    return bad_query({}, {"a query of at most " + std::to_string(limits.bytes) + " bytes", 0},
                     error_offset);
  }
  if (!text::is_valid_utf8(text)) return bad_query(text, {"valid UTF-8", 0}, error_offset);
  auto nodes = Parser(text, limits).run();
  if (!nodes) return bad_query(text, nodes.error(), error_offset);
  if (use == Use::kSubscription) {
    if (const auto refused = refused_in_subscription(*nodes))
      return bad_query(text, *refused, error_offset);
  }
  return Query{std::string(text), std::move(*nodes)};
}

}  // namespace vigie::indexer::query
