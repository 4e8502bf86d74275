#include "extractor/metadata/pictures.h"

#include <algorithm>
#include <array>

#include "platform/text/utf8.h"

namespace vigie::extractor::metadata {
namespace {

using dom::Tag;

constexpr std::size_t kMostPictures = 50;
// stands for white space between elements and lies outside the page
constexpr std::string_view kSpace = " ";
constexpr std::size_t kMostCaption = 1000;      // bytes
constexpr std::size_t kLeastNameOfPicture = 6;  // bytes of a file name that tells pictures apart

// The address of an image. Where scripts load it later, the attribute that they read it from comes
// first: src then names an empty picture.
std::string address_of(const dom::SourceTag& image) {
  for (const std::string_view name :
       {"data-src", "data-original", "data-lazy-src", "src", "srcset", "data-srcset"}) {
    const std::string_view value =
        text::trim(dom::find_attribute(image.attributes, name).value_or(std::string_view{}));
    if (value.empty() || value.substr(0, 5) == "data:") continue;
    const bool is_set = name.find("srcset") != std::string_view::npos;
    return dom::decoded(is_set ? value.substr(0, value.find_first_of(" ,")) : value, true);
  }
  return {};
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
  static constexpr std::array kMarks = std::to_array<std::string_view>(
      {"Photo: ", "Photo by ", "Photograph: ", "Foto: ", "Bild: ", "Image: ", "Credit: ",
       "Picture: ", "Quelle: ", "Photo\xC2\xA0: ", "\xC2\xA9", "Crédit : ", "Фото: "});
  for (const std::string_view mark : kMarks) {
    const std::size_t at = caption.rfind(mark);
    if (at == std::string::npos) continue;
    std::string_view rest = text::trim(std::string_view(caption).substr(at + mark.size()));
    while (!rest.empty() && (rest.back() == ')' || rest.back() == ']')) rest.remove_suffix(1);
    if (!rest.empty() && rest.size() <= 120) return std::string(rest);
  }
  return {};
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
    if (end != nullptr && document.images[image].name.data() >= end) continue;
    Picture picture;
    picture.url = address_of(document.images[image]);
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
