#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "indexer/analysis/analysis.h"
#include "indexer/query/filter.h"
#include "indexer/query/lexer.h"
#include "indexer/query/query.h"
#include "platform/text/fold.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::query {
namespace {

using Kind = Node::Kind;
using Tokens = std::vector<analysis::Token>;

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
    auto lexed = lex(text_);
    if (!lexed) return tl::make_unexpected(lexed.error());
    hints_ = std::move(lexed->hints);
    has_near_ = std::any_of(lexed->lexemes.begin(), lexed->lexemes.end(),
                            [](const Lexeme& one) { return one.kind == Lexeme::Kind::kNear; });
    for (const Lexeme& lexeme : lexed->lexemes) {
      take(lexeme);
      if (error_) return tl::make_unexpected(*error_);
    }
    return in_order();
  }
  std::vector<Hint> take_hints() { return std::move(hints_); }

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
    const std::string typed = text::nfc(lexeme.text);
    const Tokens tokens = analysis::tokens(typed);
    if (lexeme.kind != Lexeme::Kind::kPrefix && tokens.empty()) {
      // punctuation alone, which articles are read without as well
      if (title_next_) fail("a word after title:", lexeme.begin);
      return;
    }
    const Scope scope = title_next_ ? Scope::kTitle : scope_;
    if (is_compound(lexeme, typed, tokens)) {
      title_next_ = false;
      return compound(tokens, scope, lexeme);
    }
    std::optional<Node> leaf = make_leaf(lexeme, typed, tokens);
    if (error_) return;
    title_next_ = false;
    leaf->scope = scope;
    const bool umlauts = lexeme.kind != Lexeme::Kind::kExact && has_umlaut(tokens);
    if (!umlauts) return operand(std::move(*leaf), lexeme.begin, lexeme.end);
    and_where_nothing_is_said();
    either(written(*leaf, tokens, false), written(*leaf, tokens, true), lexeme);
    expects_operand_ = false;
  }

  static bool has_umlaut(const Tokens& tokens) {
    return std::any_of(tokens.begin(), tokens.end(), [](const analysis::Token& token) {
      return !token.variant(analysis::Variant::Kind::kUmlaut).empty();
    });
  }

  /// The leaf in folded forms, of which those with an umlaut are spelt with e where `spelt`.
  static Node written(const Node& leaf, const Tokens& tokens, bool spelt) {
    Node out = leaf;
    out.words.clear();
    for (const analysis::Token& token : tokens) {
      const std::string_view umlaut = token.variant(analysis::Variant::Kind::kUmlaut);
      std::string form = spelt && !umlaut.empty() ? std::string(umlaut) : token.form;
      out.words.push_back({form, {form}, false});
    }
    if (leaf.kind == Kind::kPrefix) {
      out.prefix = out.words.back().forms[0];
      out.words.back().forms.clear();
    } else if (tokens.size() > 1) {
      out.kind = Kind::kPhrase;
    }
    return out;
  }

  /// Adds two leaves that stand for one word.
  void either(Node first, Node second, const Lexeme& lexeme) {
    Node both;
    both.kind = Kind::kOr;
    for (Node* node : {&first, &second}) {
      node->begin = lexeme.begin;
      node->end = lexeme.end;
      add(std::move(*node));
      if (error_) return;
      both.children.push_back(pop_operand());
    }
    both.begin = lexeme.begin;
    both.end = lexeme.end;
    add(std::move(both));
  }

  /// Nothing but hyphens and apostrophes stands between the words of a compound.
  static bool is_hyphenated(std::string_view typed, const Tokens& tokens) {
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
      const std::size_t end = tokens[i].offset + tokens[i].length;
      const std::string between = text::fold_text(typed.substr(end, tokens[i + 1].offset - end));
      if (between != "-" && between != "'") return false;
    }
    return true;
  }

  /// "semi-conducteur" is two words, and is to be found inflected too: it stands for semi NEAR/1
  /// conducteur, and porte-à-faux for porte NEAR/1 à and à NEAR/1 faux. NEAR takes neither for an
  /// operand, so that a query which has a NEAR of its own looks for the forms side by side. What
  /// other punctuation glues (name.com, a_b) is looked for as it is written.
  bool is_compound(const Lexeme& lexeme, std::string_view typed, const Tokens& tokens) const {
    if (has_near_ || lexeme.kind != Lexeme::Kind::kWord || tokens.size() < 2 ||
        tokens.size() > kMaxCompoundParts || !is_hyphenated(typed, tokens))
      return false;
    return std::none_of(tokens.begin(), tokens.end(), [](const analysis::Token& token) {
      return analysis::is_unspaced(token.form);
    });
  }

  void compound(const Tokens& tokens, Scope scope, const Lexeme& lexeme) {
    and_where_nothing_is_said();
    std::vector<std::uint32_t> pairs;
    for (std::size_t i = 0; i + 1 < tokens.size() && !error_; ++i) {
      const std::uint32_t left = compound_part(tokens[i], scope, lexeme);
      const std::uint32_t right = error_ ? left : compound_part(tokens[i + 1], scope, lexeme);
      if (error_) return;
      near({Operator::kNear, scope, 1, lexeme.begin}, left, right);
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

  std::uint32_t compound_part(const analysis::Token& token, Scope scope, const Lexeme& lexeme) {
    Node part;
    part.kind = Kind::kWord;
    part.scope = scope;
    part.words.push_back(plain_word(looked_for(token), token));
    part.begin = lexeme.begin;
    part.end = lexeme.end;
    const Tokens one{token};
    if (has_umlaut(one)) {
      either(written(part, one, false), written(part, one, true), lexeme);
    } else {
      add(std::move(part));
    }
    return error_ ? 0 : pop_operand();
  }

  /// A plural is looked for by its singular, under which every article has it.
  static std::string looked_for(const analysis::Token& token) {
    const std::string_view singular = token.variant(analysis::Variant::Kind::kSingular);
    return singular.empty() ? token.form : std::string(singular);
  }
  static Word plain_word(std::string typed, const analysis::Token& token) {
    return {std::move(typed), {looked_for(token)}, false};
  }

  std::uint32_t pop_operand() {
    const std::uint32_t top = operands_.back();
    operands_.pop_back();
    return top;
  }

  std::optional<Node> make_leaf(const Lexeme& lexeme, const std::string& typed,
                                const Tokens& tokens) {
    if (lexeme.kind == Lexeme::Kind::kPrefix) return make_prefix(lexeme, typed, tokens);
    Node node;
    if (lexeme.kind == Lexeme::Kind::kPhrase) {
      node.kind = Kind::kPhrase;
      for (const analysis::Token& token : tokens)
        node.words.push_back({typed.substr(token.offset, token.length), {token.form}, false});
      return node;
    }
    node.kind = Kind::kWord;
    const bool exact = lexeme.kind == Lexeme::Kind::kExact;
    node.words.push_back(tokens.size() == 1 && !exact ? plain_word(typed, tokens[0])
                                                      : word_of(typed, tokens, exact));
    return node;
  }

  std::optional<Node> make_prefix(const Lexeme& lexeme, const std::string& typed,
                                  const Tokens& tokens) {
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

  static Word word_of(const std::string& typed, const Tokens& tokens, bool exact) {
    Word word{typed, {}, exact};
    for (const analysis::Token& token : tokens) word.forms.push_back(token.form);
    return word;
  }

  void take_field(const Lexeme& lexeme) {
    if (title_next_)
      return fail("a word, a \"phrase\" or an opening parenthesis after title:", lexeme.begin);
    field_begin_ = lexeme.begin;
    if (lexeme.field) {
      filter_ = *lexeme.field;
    } else {
      title_next_ = true;
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
  std::vector<Hint> hints_;
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
  Parser parser(text, limits);
  auto nodes = parser.run();
  if (!nodes) return bad_query(text, nodes.error(), error_offset);
  if (use == Use::kSubscription) {
    if (const auto refused = refused_in_subscription(*nodes))
      return bad_query(text, *refused, error_offset);
  }
  return Query{std::string(text), std::move(*nodes), parser.take_hints()};
}

}  // namespace vigie::indexer::query
