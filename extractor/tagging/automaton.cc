#include "extractor/tagging/automaton.h"

#include <hs/hs.h>

namespace vigie::extractor::tagging {
namespace {

/// The scratch of a thread, grown to the largest database that it has scanned with.
struct Scratch {
  hs_scratch_t* scratch = nullptr;
  ~Scratch() { hs_free_scratch(scratch); }
};

struct Sink {
  const std::vector<std::string>* literals;
  std::vector<Automaton::Hit>* hits;
};

int on_match(unsigned int id, unsigned long long, unsigned long long to, unsigned int,
             void* context) {
  const Sink& sink = *static_cast<Sink*>(context);
  sink.hits->push_back({id, static_cast<std::uint32_t>(to - (*sink.literals)[id].size())});
  return 0;
}

}  // namespace

Result<std::unique_ptr<Automaton>> Automaton::compile(std::vector<std::string> literals) {
  std::unique_ptr<Automaton> out(new Automaton);
  out->literals_ = std::move(literals);
  if (out->literals_.empty()) return out;
  std::vector<const char*> texts;
  std::vector<unsigned> flags(out->literals_.size(), 0);
  std::vector<unsigned> ids;
  std::vector<std::size_t> lengths;
  for (const std::string& literal : out->literals_) {
    ids.push_back(static_cast<unsigned>(texts.size()));
    texts.push_back(literal.data());
    lengths.push_back(literal.size());
  }
  hs_compile_error_t* error = nullptr;
  if (hs_compile_lit_multi(texts.data(), flags.data(), ids.data(), lengths.data(),
                           static_cast<unsigned>(texts.size()), HS_MODE_BLOCK, nullptr,
                           &out->database_, &error) != HS_SUCCESS) {
    std::string detail = "the terms of the topic packs cannot be compiled";
    if (error != nullptr) {
      detail += std::string(": ") + error->message;
      if (error->expression >= 0)
        detail += " at '" + out->literals_[static_cast<std::size_t>(error->expression)] + "'";
    }
    hs_free_compile_error(error);
    return failure(Disposition::kStop, "automaton", detail);
  }
  return out;
}

Automaton::~Automaton() { hs_free_database(database_); }

void Automaton::scan(std::string_view text, std::vector<Hit>& hits) const {
  if (database_ == nullptr || text.empty()) return;
  thread_local Scratch scratch;
  // Growing is cheap where the scratch is large enough; a freed database's address may be used
  // again, so it is asked for at each scan.
  VIGIE_INVARIANT(hs_alloc_scratch(database_, &scratch.scratch) == HS_SUCCESS);
  Sink sink{&literals_, &hits};
  VIGIE_INVARIANT(hs_scan(database_, text.data(), static_cast<unsigned>(text.size()), 0,
                          scratch.scratch, &on_match, &sink) == HS_SUCCESS);
}

}  // namespace vigie::extractor::tagging
