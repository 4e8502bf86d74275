#include "crawler/sources/merge.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "platform/source_rules/source_rules.h"
#include "platform/text/utf8.h"

namespace vigie::crawler::sources {
namespace {

constexpr std::size_t kMaxUrlBytes = 200;  // of a URL in a note

std::vector<std::string> listed(const google::protobuf::RepeatedPtrField<std::string>& addresses) {
  return {addresses.begin(), addresses.end()};
}

void note(SourceEntry& entry, std::string sentence) {
  if (!entry.note.empty()) entry.note += ' ';
  entry.note += std::move(sentence);
}

bool has_addresses(const SourceEntry& entry) {
  return !entry.feeds.empty() || !entry.sitemaps.empty() || !entry.sections.empty();
}

/// The fields that an edit names take the place of what the file says.
void override_fields(SourceEntry& entry, const v1::SourceEdit& edit) {
  const SourceEntry before = entry;
  for (const std::string& field : edit.fields()) {
    if (field == "name") entry.source.set_name(edit.source().name());
    if (field == "homepage") entry.source.set_homepage(edit.source().homepage());
    if (field == "country") entry.source.set_country(edit.source().country());
    if (field == "language") entry.source.set_language(edit.source().language());
    if (field == "kind") entry.source.set_kind(edit.source().kind());
    if (field == "affiliation") entry.source.set_affiliation(edit.source().affiliation());
    if (field == "poll_every_s") entry.poll_every_s = edit.poll_every_s();
    if (field == "feeds") entry.feeds = listed(edit.feeds());
    if (field == "sitemaps") entry.sitemaps = listed(edit.sitemaps());
    if (field == "sections") entry.sections = listed(edit.sections());
  }
  entry.edit_revision = edit.revision();
  if (has_addresses(entry)) return;
  entry.feeds = before.feeds;
  entry.sitemaps = before.sitemaps;
  entry.sections = before.sections;
  note(entry, "It was left no URL by people, so those of the source file stay.");
}

SourceEntry entry_of(const v1::SourceEdit& edit) {
  SourceEntry entry;
  entry.source = edit.source();
  entry.source.set_id(edit.id());
  entry.feeds = listed(edit.feeds());
  entry.sitemaps = listed(edit.sitemaps());
  entry.sections = listed(edit.sections());
  entry.poll_every_s = edit.poll_every_s();
  entry.own = true;
  entry.edit_revision = edit.revision();
  return entry;
}

/// Sources that people added, the oldest first.
std::vector<const v1::SourceEdit*> own_edits(const Edits& edits) {
  std::vector<const v1::SourceEdit*> out;
  for (const auto& [id, edit] : edits) {
    if (edit.own()) out.push_back(&edit);
  }
  std::stable_sort(out.begin(), out.end(), [](const auto* a, const auto* b) {
    return a->created_at_unix_ms() < b->created_at_unix_ms();
  });
  return out;
}

/// Whose a URL is. What a file says goes before what people changed.
class Urls {
 public:
  /// The URLs of the files, as they are before people change them.
  explicit Urls(const std::vector<SourceEntry>& files) {
    for (const SourceEntry& entry : files) {
      for (const auto* addresses : {&entry.feeds, &entry.sitemaps, &entry.sections})
        for (const std::string& address : *addresses) of_file_[address] = entry.source.id();
    }
  }
  /// The entry keeps what the file gave it.
  void keep(const SourceEntry& entry) {
    for (const auto* addresses : {&entry.feeds, &entry.sitemaps, &entry.sections}) {
      for (const std::string& address : *addresses) {
        const auto file = of_file_.find(address);
        if (file != of_file_.end() && file->second == entry.source.id())
          owner_[address] = {entry.source.id(), entry.source.name()};
      }
    }
  }
  /// Takes from an entry what belongs to another, and claims the rest.
  void claim(SourceEntry& entry) {
    for (auto* addresses : {&entry.feeds, &entry.sitemaps, &entry.sections}) {
      std::unordered_set<std::string> seen;
      std::erase_if(*addresses, [&](const std::string& address) {
        const Owner own{entry.source.id(), entry.source.name()};
        const Owner& owner = owner_.try_emplace(address, own).first->second;
        if (owner.id == own.id) return !seen.insert(address).second;
        note(entry, "`" + text::ellipsize(address, kMaxUrlBytes) + "` belongs to " + owner.name +
                        " already, and is polled there.");
        return true;
      });
    }
  }

 private:
  struct Owner {
    std::string id;
    std::string name;
  };
  std::unordered_map<std::string, std::string> of_file_;
  std::unordered_map<std::string, Owner> owner_;
};

}  // namespace

SourceList merge(SourceList files, const Edits& edits) {
  SourceList out = std::move(files);
  std::unordered_set<std::string> taken;
  Urls addresses(out.sources);
  for (SourceEntry& entry : out.sources) {
    taken.insert(entry.source.id());
    const auto edit = edits.find(entry.source.id());
    if (edit == edits.end()) continue;
    if (!edit->second.own()) {
      override_fields(entry, edit->second);
    } else {
      entry.edit_revision = edit->second.revision();
      note(entry, "A source file lists it (" + entry.where +
                      "), which goes before what people added under this id.");
    }
  }
  for (const v1::SourceEdit* edit : own_edits(edits)) {
    if (taken.insert(edit->id()).second) out.sources.push_back(entry_of(*edit));
  }
  for (const SourceEntry& entry : out.sources) {
    if (!entry.own) addresses.keep(entry);
  }
  std::size_t polled = 0;
  for (SourceEntry& entry : out.sources) {
    const bool too_many = entry.own && polled >= source_rules::kMaxSources;
    if (too_many) {
      note(entry, "There are " + std::to_string(source_rules::kMaxSources) +
                      " sources already, so it is not polled.");
    } else {
      addresses.claim(entry);
    }
    entry.refused = too_many || !has_addresses(entry);
    if (!entry.refused) ++polled;
    if (entry.refused && !too_many) note(entry, "No URL is left to it, so it is not polled.");
  }
  return out;
}

}  // namespace vigie::crawler::sources
