#include "extractor/metadata/pictures.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "platform/text/utf8.h"
#include "platform/text/word_lists.h"

namespace vigie::extractor::metadata {

extern const std::string_view kPageWordsText;  // page_words.txt

namespace {

using dom::Tag;

constexpr std::size_t kMostPictures = 50;
constexpr std::size_t kMostInFigure = 20;  // pictures of a figure that are looked at
// stands for white space between elements and lies outside the page
constexpr std::string_view kSpace = " ";
constexpr std::size_t kMostCaption = 1000;          // bytes
constexpr std::size_t kMostSet = 16384;             // bytes of a srcset
constexpr std::size_t kMostNameOfPlaceholder = 40;  // bytes of a file's name
constexpr int kLeastSide = 200;                     // pixels of a large picture
constexpr std::size_t kLeastNameOfPicture = 6;  // bytes of a file name that tells pictures apart

// Of the candidates of a srcset (HTML §4.8.4.2.2) the largest: a URL ends at white space,
// commas at its end part it from the next.
std::string largest_of_set(std::string_view set) {
  std::string_view best;
  double most = -1;
  const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  std::size_t at = 0;
  while (at < set.size()) {
    while (at < set.size() && (is_space(set[at]) || set[at] == ',')) ++at;
    const std::size_t begin = at;
    while (at < set.size() && !is_space(set[at])) ++at;
    std::string_view address = set.substr(begin, at - begin);
    double size = 1;  // 1x, where nothing is said
    if (address.ends_with(',')) {
      while (address.ends_with(',')) address.remove_suffix(1);
    } else {
      const std::size_t end = std::min(set.find(',', at), set.size());
      const std::string_view descriptor = text::trim(set.substr(at, end - at));
      const auto read =
          std::from_chars(descriptor.data(), descriptor.data() + descriptor.size(), size);
      if (read.ec != std::errc()) size = 1;
      at = end;
    }
    if (address.empty() || address.starts_with("data:") || size <= most) continue;
    most = size;
    best = address;
  }
  return std::string(best);
}

// A picture that stands in until scripts load the real one.
bool is_placeholder(std::string_view address) {
  if (address.starts_with("data:") || address.starts_with("about:") || address == "#") return true;
  std::string_view name = address.substr(0, address.find_first_of("?#"));
  name.remove_prefix(name.rfind('/') == std::string_view::npos ? 0 : name.rfind('/') + 1);
  if (name.size() > kMostNameOfPlaceholder) return false;
  const std::string lower = text::ascii_lower(name);
  static constexpr std::array kWords = std::to_array<std::string_view>(
      {"placeholder", "blank", "spacer", "pixel", "1x1", "transparent", "loading", "loader", "lazy",
       "grey", "gray", "empty", "dummy", "preload"});
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) {
    // the word is the name, or its first or last part: blank.gif, img-blank.png, no blankets.jpg
    const std::size_t at = lower.find(word);
    if (at == std::string::npos) return false;
    const std::size_t end = at + word.size();
    const auto is_edge = [](char c) { return c == '-' || c == '_' || c == '.' || c == '@'; };
    return (at == 0 || is_edge(lower[at - 1])) && (end == lower.size() || is_edge(lower[end]));
  });
}

// Whether the value of an attribute of data for scripts can be a URL of a picture.
bool is_like_address(std::string_view value) {
  if (value.size() < 5 || value.find_first_of("{}<>\n\"") != std::string_view::npos) return false;
  return value.find('/') != std::string_view::npos || value.find('.') != std::string_view::npos;
}

// Names that scripts of lazy loading read URLs from: data-src, data-actualsrc, data-original,
// data-lazy-src … and of sets data-srcset, data-lazy-srcset.
bool is_lazy_name(std::string_view name, bool of_set) {
  if (!name.starts_with("data-") && name != "lazy-src" && name != "lazysrc") return false;
  const bool names_set = name.find("srcset") != std::string_view::npos;
  if (of_set || names_set) return of_set && names_set;
  return name.ends_with("src") || name.find("original") != std::string_view::npos ||
         name.find("lazy") != std::string_view::npos || name.ends_with("-image") ||
         name.ends_with("-img");
}

// Whether a value, whatever its attribute is called, is the URL of a file of a picture.
bool is_picture_file(std::string_view value) {
  value = value.substr(0, value.find_first_of("?#"));
  if (!is_like_address(value) || value.find_first_of(" \t,;()") != std::string_view::npos)
    return false;
  const std::size_t dot = value.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return false;
  static constexpr std::array kEndings = std::to_array<std::string_view>(
      {"jpg", "jpeg", "jpe", "jfif", "png", "webp", "avif", "gif", "heic"});
  const std::string ending = text::ascii_lower(value.substr(dot + 1).substr(0, 5));
  return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
}

// A URL that its attribute calls a picture's or a file's: those of services have no ending.
bool is_named_address(std::string_view name, std::string_view value) {
  if (!value.starts_with("http://") && !value.starts_with("https://") && !value.starts_with("//"))
    return false;
  static constexpr std::array kWords =
      std::to_array<std::string_view>({"file", "image", "img", "photo", "picture", "src"});
  return value.find(' ') == std::string_view::npos &&
         std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) {
           return name.find(word) != std::string_view::npos;
         });
}

// Candidates of a srcset: a URL of a picture, and behind white space a width or a density.
bool is_set(std::string_view value) {
  const std::size_t space = value.find(' ');
  if (space == std::string_view::npos || !is_like_address(value.substr(0, space))) return false;
  const std::string_view descriptor =
      text::trim(value.substr(space, value.find(',', space) - space));
  return descriptor.size() >= 2 && descriptor.size() <= 8 && descriptor.front() >= '0' &&
         descriptor.front() <= '9' && (descriptor.back() == 'w' || descriptor.back() == 'x');
}

bool names_small_picture(std::string_view name) {
  static constexpr std::array kWords =
      std::to_array<std::string_view>({"thumb", "small", "low", "lqip", "tiny", "preview", "blur"});
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) {
    return name.find(word) != std::string_view::npos;
  });
}

// Calls `take(name, value)` with each attribute that scripts may read, until it is true.
template <class Take>
void each_attribute(std::string_view attributes, const Take& take) {
  std::string_view rest = attributes;
  std::string_view name;
  std::string_view value;
  for (std::size_t i = 0; i < dom::kMaxAttributes && dom::next_attribute(rest, name, value); ++i) {
    if (name == ">" || name.size() > kMostNameOfPlaceholder) continue;
    if (take(text::ascii_lower(name), text::trim(value))) return;
  }
}

std::string_view lazy_address(std::string_view attributes, bool of_set) {
  std::string_view out;
  each_attribute(attributes, [&](const std::string& name, std::string_view value) {
    const bool is_it =
        is_lazy_name(name, of_set) && is_like_address(value) && !is_placeholder(value);
    if (is_it) out = value;
    return is_it;
  });
  return out;
}

// What scripts of any site may load an empty picture from, told by the value: the first URL of a
// picture or set of them, and one that its name calls small where there is no other.
std::string_view address_by_value(std::string_view attributes, bool of_set) {
  std::string_view out;
  std::string_view small;
  each_attribute(attributes, [&](const std::string& name, std::string_view value) {
    if (name == "src" || name == "srcset" || name == "alt" || name == "title" || name == "href" ||
        is_placeholder(value))
      return false;
    if (of_set ? !is_set(value) : !is_picture_file(value) && !is_named_address(name, value))
      return false;
    (names_small_picture(name) ? small : out) = value;
    return !out.empty();
  });
  return out.empty() ? small : out;
}

// The URL of an image. Where scripts load it later, the attribute that they read it from comes
// first: src then names an empty picture.
std::string address_of(const dom::SourceTag& image) {
  const auto value_of = [&](std::string_view name) {
    return text::trim(dom::find_attribute(image, name).value_or(std::string_view{}));
  };
  for (const std::string_view value :
       {value_of("data-src"), lazy_address(image.attributes, false), value_of("src")}) {
    if (is_like_address(value) && !is_placeholder(value)) return dom::decoded(value, true);
  }
  for (const std::string_view set : {lazy_address(image.attributes, true), value_of("srcset"),
                                     address_by_value(image.attributes, true)}) {
    std::string largest = largest_of_set(dom::decoded(text::prefix(set, kMostSet), true));
    if (!largest.empty()) return largest;
  }
  return dom::decoded(address_by_value(image.attributes, false), true);
}

bool names_credit(std::string_view classes) {
  const std::string lower = text::ascii_lower(classes.substr(0, 100));
  static constexpr std::array kWords = std::to_array<std::string_view>(
      {"credit", "copyright", "photographer", "attribution", "agency", "quelle", "image-source"});
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

// An element of the figure that calls itself the credit, else what stands behind "Photo:" or ©.
std::string credit_of(const dom::Document& document, std::uint32_t figure,
                      const std::string& caption) {
  for (std::uint32_t i = figure; i < document.nodes[figure].end; ++i) {
    if (document.nodes[i].tag == Tag::kText || document.nodes[i].source == dom::kNoNode) continue;
    if (names_credit(document.attribute_or_empty(i, "class")) ||
        document.attribute_or_empty(i, "itemprop") == "copyrightHolder")
      return text::collapse_spaces(document.text_of(i, kMostCaption));
  }
  static const std::vector<std::string_view> kMarks =
      text::read_word_lists(kPageWordsText).of("credit");
  for (const std::string_view mark : kMarks) {
    const std::size_t at = caption.rfind(mark);
    if (at == std::string::npos) continue;
    std::string_view rest = text::trim(std::string_view(caption).substr(at + mark.size()));
    while (!rest.empty() && (rest.back() == ')' || rest.back() == ']')) rest.remove_suffix(1);
    if (!rest.empty() && rest.size() <= 120) return std::string(rest);
  }
  return {};
}

// The first img with a URL from `image` on that begins before `end`; else the first of all,
// sources of a picture among them.
std::string address_within(const dom::Document& document, std::size_t image, const char* end) {
  std::string other;
  for (std::size_t i = image, looked = 0; i < document.images.size() && looked < kMostInFigure;
       ++i, ++looked) {
    const dom::SourceTag& tag = document.images[i];
    if (end != nullptr && tag.name.data() >= end) break;
    if (text::ascii_iequals(tag.name, "source") && !other.empty()) continue;
    std::string address = address_of(tag);
    if (address.empty()) continue;
    if (!text::ascii_iequals(tag.name, "source")) return address;
    other = std::move(address);
  }
  return other;
}

int number_of(const dom::SourceTag& tag, std::string_view name) {
  const std::string_view value =
      text::trim(dom::find_attribute(tag, name).value_or(std::string_view{}));
  int out = 0;
  for (const char c : value.substr(0, 6)) {
    if (c < '0' || c > '9') break;
    out = out * 10 + (c - '0');
  }
  return out;
}

// Portraits, logos, marks and things that only count readers, by what their file and class say.
bool names_no_picture_of_story(const dom::SourceTag& tag, std::string_view address) {
  const std::string_view path = address.substr(0, address.find_first_of("?#"));
  std::string names = text::ascii_lower(path.substr(std::min(path.rfind('/'), path.size())));
  for (const std::string_view attribute : {"class", "id"})
    names +=
        ' ' + text::ascii_lower(
                  dom::find_attribute(tag, attribute).value_or(std::string_view{}).substr(0, 200));
  static constexpr std::array kWords = std::to_array<std::string_view>(
      {"logo", "icon", "avatar", "gravatar", "emoji", "sprite", "author", "profile", "badge",
       "banner", "button", "tracking", "counter", "captcha", "flag", ".svg"});
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return names.find(word) != std::string::npos; });
}

bool is_outside_of_story(const dom::Document& document, std::uint32_t node) {
  for (; node != dom::kNoNode; node = document.nodes[node].parent) {
    switch (document.nodes[node].tag) {
      case Tag::kNav:
      case Tag::kAside:
      case Tag::kFooter:
      case Tag::kForm:
      case Tag::kAddress:
      case Tag::kMenu: return true;
      default: break;
    }
  }
  return false;
}

}  // namespace

std::vector<Picture> pictures_of(const dom::Document& document) {
  std::vector<Picture> out;
  // images and figures both stand in the order of the page: one walk over both
  std::size_t image = 0;
  for (std::uint32_t i = 0; i < document.nodes.size() && out.size() < kMostPictures; ++i) {
    if (document.nodes[i].tag != Tag::kFigure || document.nodes[i].source == dom::kNoNode) continue;
    const char* begin = document.tags[document.nodes[i].source].name.data();
    // The figure ends where the next tag or text behind it begins.
    const char* end = nullptr;
    for (std::uint32_t next = document.nodes[i].end; next < document.nodes.size() && end == nullptr;
         ++next) {
      const dom::Node& node = document.nodes[next];
      if (node.tag == Tag::kText && node.text != kSpace) end = node.text.data();
      if (node.tag != Tag::kText && node.source != dom::kNoNode)
        end = document.tags[node.source].name.data();
    }
    while (image < document.images.size() && document.images[image].name.data() < begin) ++image;
    if (image == document.images.size()) break;
    Picture picture;
    picture.url = address_within(document, image, end);
    for (std::uint32_t part = i; part < document.nodes[i].end; ++part) {
      if (document.nodes[part].tag != Tag::kFigcaption) continue;
      picture.caption = text::collapse_spaces(document.text_of(part, kMostCaption));
      break;
    }
    picture.credit = credit_of(document, i, picture.caption);
    const bool known = std::any_of(out.begin(), out.end(),
                                   [&](const Picture& other) { return other.url == picture.url; });
    if (!picture.url.empty() && !known) out.push_back(std::move(picture));
  }
  return out;
}

std::string picture_of_story(const dom::Document& document) {
  // the headline, else the article: what stands above belongs to the page
  const char* from = nullptr;
  std::uint32_t node = 0;
  for (const Tag wanted : {Tag::kH1, Tag::kArticle, Tag::kMain}) {
    for (std::uint32_t i = 0; i < document.nodes.size() && from == nullptr; ++i) {
      if (document.nodes[i].tag != wanted || document.nodes[i].source == dom::kNoNode) continue;
      from = document.tags[document.nodes[i].source].name.data();
      node = i;
    }
  }
  if (from == nullptr) return {};
  for (std::size_t i = 0, looked = 0; i < document.images.size() && looked < kMostPictures; ++i) {
    const dom::SourceTag& tag = document.images[i];
    if (tag.name.data() < from) continue;
    ++looked;
    const int width = number_of(tag, "width");
    const int height = number_of(tag, "height");
    if ((width > 0 && width < kLeastSide) || (height > 0 && height < kLeastSide / 2)) continue;
    std::string address = address_of(tag);
    if (address.empty() || names_no_picture_of_story(tag, address)) continue;
    // the last element that began before the picture is around it or beside it
    for (std::uint32_t next = node + 1; next < document.nodes.size(); ++next) {
      if (document.nodes[next].source == dom::kNoNode) continue;
      if (document.tags[document.nodes[next].source].name.data() > tag.name.data()) break;
      node = next;
    }
    if (!is_outside_of_story(document, node)) return address;
  }
  return {};
}

bool same_picture(std::string_view a, std::string_view b) {
  const auto name_of = [](std::string_view url) {
    url = url.substr(0, url.find_first_of("?#"));
    url.remove_prefix(url.rfind('/') == std::string_view::npos ? 0 : url.rfind('/') + 1);
    return url.substr(0, url.rfind('.'));
  };
  if (a == b) return !a.empty();
  const std::string_view one = name_of(a);
  return one.size() >= kLeastNameOfPicture && one == name_of(b);
}

}  // namespace vigie::extractor::metadata
