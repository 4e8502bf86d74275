#include "extractor/dom/tree.h"

#include <gumbo.h>

#include <algorithm>
#include <csetjmp>
#include <cstdlib>
#include <memory>

#include "platform/clock/machine_time.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::dom {
namespace {

// what the skeleton of a usual page needs; each chunk is twice the last
constexpr std::size_t kFirstChunkBytes = 16ULL << 10;
constexpr std::size_t kMaxChunkBytes = 1ULL << 20;
constexpr std::uint32_t kClockEvery = 512;  // allocations between two looks at the clock

// Memory of one parse. Nothing is freed before the end; an allocation over budget leaves the parse
// by longjmp, over frames of C alone.
struct Arena {
  std::vector<std::unique_ptr<char[]>> chunks;
  char* at = nullptr;
  std::size_t left = 0;
  std::size_t taken = 0;
  std::size_t limit = 0;
  std::uint32_t until_clock = kClockEvery;
  MachineTime deadline;
  std::jmp_buf over_budget;
};

bool add_chunk(Arena& arena, std::size_t bytes) {
  const std::size_t size = std::max(
      bytes,
      std::min(kFirstChunkBytes << std::min<std::size_t>(arena.chunks.size(), 6), kMaxChunkBytes));
  if (size > arena.limit || arena.taken > arena.limit - size) return false;
  arena.chunks.push_back(std::unique_ptr<char[]>(new (std::nothrow) char[size]));
  if (!arena.chunks.back()) return false;
  arena.taken += size;
  arena.at = arena.chunks.back().get();
  arena.left = size;
  return true;
}

bool is_late(Arena& arena) {
  if (--arena.until_clock > 0) return false;
  arena.until_clock = kClockEvery;
  return machine_now() > arena.deadline;
}

void* arena_allocate(void* userdata, std::size_t bytes) {
  Arena& arena = *static_cast<Arena*>(userdata);
  const std::size_t rounded = bytes > SIZE_MAX - 16 ? SIZE_MAX : (bytes + 15) & ~std::size_t{15};
  if (is_late(arena) || (rounded > arena.left && !add_chunk(arena, rounded)))
    std::longjmp(arena.over_budget, 1);
  void* out = arena.at;
  arena.at += rounded;
  arena.left -= rounded;
  return out;
}

void arena_free(void*, void*) {}

// Only this frame and gumbo's stand between setjmp and longjmp; it owns nothing.
const GumboOutput* run_gumbo(Arena& arena, const char* html, std::size_t size) {
  GumboOptions options = kGumboDefaultOptions;
  options.allocator = arena_allocate;
  options.deallocator = arena_free;
  options.userdata = &arena;
  options.max_errors = 0;
  if (setjmp(arena.over_budget) != 0) return nullptr;
  return gumbo_parse_with_options(&options, html, size);
}

Tag implied_tag(GumboTag tag) {
  switch (tag) {
    case GUMBO_TAG_BODY: return Tag::kBody;
    case GUMBO_TAG_TBODY: return Tag::kTbody;
    case GUMBO_TAG_TR: return Tag::kTr;
    case GUMBO_TAG_P: return Tag::kP;
    case GUMBO_TAG_BR: return Tag::kBr;
    default: return Tag::kOther;
  }
}

// Turns gumbo's tree into ours, in document order, without recursion.
class TreeWriter {
 public:
  TreeWriter(const Skeleton& skeleton, Document& document)
      : skeleton_(skeleton), document_(document) {}

  void write(const GumboNode* body) {
    document_.nodes.reserve(skeleton_.starts.size() * 2 + skeleton_.settled.size() + 8);
    document_.nodes.push_back({Tag::kBody, kNoNode, 0, kNoNode, {}});
    struct Frame {
      const GumboNode* node;
      unsigned int next;
      std::uint32_t own;
    };
    std::vector<Frame> frames{{body, 0, 0}};
    while (!frames.empty()) {
      Frame& frame = frames.back();
      const GumboVector& children = frame.node->v.element.children;
      if (frame.next == children.length) {
        document_.nodes[frame.own].end = static_cast<std::uint32_t>(document_.nodes.size());
        frames.pop_back();
        continue;
      }
      const auto* child = static_cast<const GumboNode*>(children.data[frame.next++]);
      const std::uint32_t parent = frame.own;
      if (child->type == GUMBO_NODE_ELEMENT || child->type == GUMBO_NODE_TEMPLATE) {
        frames.push_back({child, 0, write_element(*child, parent)});
      } else if (child->type == GUMBO_NODE_TEXT || child->type == GUMBO_NODE_WHITESPACE) {
        write_text(child->v.text.text, parent);
      }
    }
  }

 private:
  std::uint32_t write_element(const GumboNode& node, std::uint32_t parent) {
    const auto own = static_cast<std::uint32_t>(document_.nodes.size());
    Node out{implied_tag(node.v.element.tag), parent, own + 1, kNoNode, {}};
    const char* tag = node.v.element.original_tag.data;
    if (tag != nullptr) {
      const auto offset = static_cast<std::uint32_t>(tag - skeleton_.html.data());
      const auto found = std::lower_bound(skeleton_.starts.begin(), skeleton_.starts.end(), offset);
      if (found != skeleton_.starts.end() && *found == offset) {
        const auto index = static_cast<std::size_t>(found - skeleton_.starts.begin());
        out.tag = skeleton_.tags[index];
        out.source = skeleton_.sources[index];
      }
    }
    document_.nodes.push_back(out);
    return own;
  }

  void write_text(std::string_view text, std::uint32_t parent) {
    for (std::size_t offset = 0; offset < text.size();) {
      const std::size_t piece = piece_of(text::next_code_point(text, offset));
      const auto own = static_cast<std::uint32_t>(document_.nodes.size());
      if (piece < skeleton_.pieces.size()) {
        write_piece(skeleton_.pieces[piece], parent);
      } else {
        document_.nodes.push_back({Tag::kText, parent, own + 1, kNoNode, std::string_view(" ")});
      }
    }
  }

  void write_piece(const Piece& piece, std::uint32_t parent) {
    // modulo 2^32
    const std::uint32_t shift = static_cast<std::uint32_t>(document_.nodes.size()) - piece.begin;
    for (std::uint32_t i = piece.begin; i < piece.end; ++i) {
      Node node = skeleton_.settled[i];
      node.parent = node.parent >= piece.begin && node.parent < i ? node.parent + shift : parent;
      node.end += shift;
      document_.nodes.push_back(node);
    }
  }

  const Skeleton& skeleton_;
  Document& document_;
};

const GumboNode* body_of(const GumboNode* root) {
  if (root == nullptr || root->type != GUMBO_NODE_ELEMENT) return nullptr;
  const GumboVector& children = root->v.element.children;
  for (unsigned int i = 0; i < children.length; ++i) {
    const auto* child = static_cast<const GumboNode*>(children.data[i]);
    if (child->type == GUMBO_NODE_ELEMENT && child->v.element.tag == GUMBO_TAG_BODY) return child;
  }
  return nullptr;
}

}  // namespace

bool build_tree(const Skeleton& skeleton, const Limits& limits, Document& document) {
  auto arena = std::make_unique<Arena>();
  arena->limit = limits.arena_bytes;
  arena->deadline = machine_now() + limits.time;
  // So that no allocation of ours happens between setjmp and longjmp but the chunk itself.
  arena->chunks.reserve(limits.arena_bytes / kMaxChunkBytes + 16);
  const GumboOutput* output = run_gumbo(*arena, skeleton.html.data(), skeleton.html.size());
  if (output == nullptr) return false;
  const GumboNode* body = body_of(output->root);
  if (body == nullptr) return false;
  TreeWriter(skeleton, document).write(body);
  return true;
}

Document parse(std::string_view page, const Limits& limits) {
  Document document;
  {
    const Skeleton skeleton = scan(page, limits, document);
    if (!skeleton.over_budget && build_tree(skeleton, limits, document)) return document;
  }
  document = Document{};
  scan_flat(page, document);
  document.text_only = true;
  return document;
}

}  // namespace vigie::extractor::dom
