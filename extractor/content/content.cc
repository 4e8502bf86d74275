#include "extractor/content/content.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "extractor/content/blocks.h"
#include "extractor/content/region.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::content {
namespace {

using dom::Tag;

constexpr std::uint32_t kShort = 25;               // letters; a shorter block that is no sentence is hardly a paragraph
constexpr std::uint32_t kMostTimestamp = 45;       // letters and digits of a line that is a moment
constexpr std::size_t kMostLabel = 60;             // bytes of a squeezed label, the longest of them
constexpr std::uint32_t kMostRequest = 220;        // letters of a block that asks for a subscription, a click, a letter
constexpr std::size_t kLeastBody = 400;            // bytes of a JSON-LD articleBody that may stand in for the text of the page
constexpr double kMuchMoreUnnamed = 3;             // times what was found, for a region chosen without names to be believed instead
constexpr double kMuchMoreInBody = 1.8;            // times what the page shows, for its data to be believed instead
constexpr double kLittleShown = 600;               // bytes of text that the page shows at most, for its data to be believed instead
constexpr std::uint64_t kMostBehindLabel = 10;     // a tenth of the region may stand behind a heading of other stories, for the text to end there
constexpr std::uint64_t kLeastCells = 6;           // of a table that holds data
constexpr std::uint64_t kMostInCell = 60;          // letters of one of its cells, on average; nested tables are judged on their own
constexpr std::size_t kMaxTextBytes = 4ULL << 20;  // of main text; the longest real article is a few hundred kB
constexpr std::size_t kLeastRepeated = 30;         // bytes of a paragraph that is left out the second time

// What stands over or in place of things that are no part of the story, whole line; squeezed. Words of the trade in the languages of the news, not of sites.
bool is_label(const std::string& squeezed_line) {
  constexpr std::array kLabels = std::to_array<std::string_view>({"related",
                                                                  "relatedarticles",
                                                                  "relatedstories",
                                                                  "relatedcontent",
                                                                  "relatedcoverage",
                                                                  "relatednews",
                                                                  "relatedtopics",
                                                                  "relatedlinks",
                                                                  "relatedposts",
                                                                  "relatedreading",
                                                                  "readmore",
                                                                  "readnext",
                                                                  "readalso",
                                                                  "alsoread",
                                                                  "seealso",
                                                                  "seemore",
                                                                  "morefrom",
                                                                  "morestories",
                                                                  "morenews",
                                                                  "moreonthisstory",
                                                                  "moreonthistopic",
                                                                  "moreonthis",
                                                                  "morelikethis",
                                                                  "youmayalsolike",
                                                                  "youmightalsolike",
                                                                  "youmightalsobeinterestedin",
                                                                  "recommended",
                                                                  "recommendedstories",
                                                                  "recommendedforyou",
                                                                  "trending",
                                                                  "mostread",
                                                                  "mostpopular",
                                                                  "popular",
                                                                  "editorspicks",
                                                                  "dontmiss",
                                                                  "upnext",
                                                                  "whattoreadnext",
                                                                  "advertisement",
                                                                  "advertising",
                                                                  "ad",
                                                                  "sponsored",
                                                                  "storycontinuesbelowadvertisement",
                                                                  "articlecontinuesbelowadvertisement",
                                                                  "loading",
                                                                  "share",
                                                                  "sharethis",
                                                                  "sharethisarticle",
                                                                  "sharethisstory",
                                                                  "sharethispost",
                                                                  "followus",
                                                                  "comments",
                                                                  "nocomments",
                                                                  "leaveacomment",
                                                                  "printthisarticle",
                                                                  "print",
                                                                  "email",
                                                                  "topics",
                                                                  "tags",
                                                                  "categories",
                                                                  "swipetoscrollhorizontally",
                                                                  "scrolltocontinue",
                                                                  "tableofcontents",
                                                                  "keepreading",
                                                                  "continuereading",
                                                                  "watch",
                                                                  "listen",
                                                                  "correctionsandclarifications",
                                                                  "suggestacorrection",
                                                                  "viewcomments",
                                                                  "showcomments",
                                                                  "aboutus",
                                                                  "contactus",
                                                                  "mehrzumthema",
                                                                  "mehrzudemthema",
                                                                  "mehrdazu",
                                                                  "zumthema",
                                                                  "lesensieauch",
                                                                  "lesenauch",
                                                                  "lesenauchsie",
                                                                  "lesedazuauch",
                                                                  "weiterlesen",
                                                                  "auchinteressant",
                                                                  "dask\xC3\xB6nntesieauchinteressieren",
                                                                  "dask\xC3\xB6nnteihnenauchgefallen",
                                                                  "anzeige",
                                                                  "werbung",
                                                                  "teilen",
                                                                  "kommentare",
                                                                  "kommentaregeschlossen",
                                                                  "schlagworte",
                                                                  "schlagw\xC3\xB6rter",
                                                                  "themen",
                                                                  "verwandteartikel",
                                                                  "verwandtethemen",
                                                                  "\xC3\xA4hnlicheartikel",
                                                                  "meistgelesen",
                                                                  "empfohlen",
                                                                  "lireaussi",
                                                                  "\xC3\xA0lireaussi",
                                                                  "alireaussi",
                                                                  "voiraussi",
                                                                  "surlem\xC3\xAAmesujet",
                                                                  "surlememesujet",
                                                                  "publicit\xC3\xA9",
                                                                  "partager",
                                                                  "commentaires",
                                                                  "\xC3\xA0lire",
                                                                  "leatambi\xC3\xA9n",
                                                                  "leetambi\xC3\xA9n",
                                                                  "tepuedeinteresar",
                                                                  "lem\xC3\xA1s",
                                                                  "noticiasrelacionadas",
                                                                  "publicidad",
                                                                  "compartir",
                                                                  "comentarios",
                                                                  "etiquetas",
                                                                  "leggianche",
                                                                  "leggiancora",
                                                                  "pubblicit\xC3\xA0",
                                                                  "condividi",
                                                                  "leiatamb\xC3\xA9m",
                                                                  "vejatamb\xC3\xA9m",
                                                                  "saibamais",
                                                                  "publicidade",
                                                                  "compartilhe",
                                                                  "czytajte\xC5\xBC",
                                                                  "czytajtak\xC5\xBC"
                                                                  "e",
                                                                  "zobaczte\xC5\xBC",
                                                                  "czytajwi\xC4\x99"
                                                                  "cej",
                                                                  "reklama",
                                                                  "tagi",
                                                                  "komentarze",
                                                                  "leesook",
                                                                  "etiketler",
                                                                  "читайтетакже",
                                                                  "Читайтетакже",
                                                                  "читатьтакже",
                                                                  "Читатьтакже",
                                                                  "потеме",
                                                                  "Потеме",
                                                                  "новостипотеме",
                                                                  "Новостипотеме",
                                                                  "материалыпотеме",
                                                                  "Материалыпотеме",
                                                                  "смотритетакже",
                                                                  "Смотритетакже",
                                                                  "Другиеновости",
                                                                  "Комментарии",
                                                                  "Теги",
                                                                  "Реклама",
                                                                  "Версиядляпечати",
                                                                  "Кодблога",
                                                                  "Коддляблога",
                                                                  "相关新闻",
                                                                  "相关阅读",
                                                                  "相關新聞",
                                                                  "延伸閱讀",
                                                                  "延伸阅读",
                                                                  "推荐阅读",
                                                                  "関連記事",
                                                                  "あわせて読みたい",
                                                                  "관련기사",
                                                                  "Διαβάστεεπίσης",
                                                                  "ΔιαβάστεΕπίσης",
                                                                  "Διαβάστεακόμη",
                                                                  "Σχετικάάρθρα"});
  return squeezed_line.size() <= kMostLabel && std::find(kLabels.begin(), kLabels.end(), squeezed_line) != kLabels.end();
}

// Requests to the reader that stand among paragraphs; squeezed beginning of a line of at most kMostRequest letters.
bool is_request(const std::string& squeezed_line) {
  constexpr std::array kBeginnings = std::to_array<std::string_view>({"morefrom",
                                                                      "moremustreads",
                                                                      "moreon",
                                                                      "morecoverage",
                                                                      "relatedto",
                                                                      "readmore",
                                                                      "readourfull",
                                                                      "readalso",
                                                                      "alsoread",
                                                                      "seealso",
                                                                      "watchmore",
                                                                      "nowsee",
                                                                      "nowwatch",
                                                                      "clickherefor",
                                                                      "clickheretoget",
                                                                      "photoby",
                                                                      "photocredit",
                                                                      "photocourtesy",
                                                                      "imagecredit",
                                                                      "photograph",
                                                                      "fotocredit",
                                                                      "bildquelle",
                                                                      "bildnachweis",
                                                                      "distributedby",
                                                                      "lesensiehier",
                                                                      "lesensieauch",
                                                                      "mehrzum",
                                                                      "gef\xC3\xA4lltdir",
                                                                      "gef\xC3\xA4lltmir",
                                                                      "wantweekly",
                                                                      "lireaussi",
                                                                      "tambi\xC3\xA9n"
                                                                      "lee",
                                                                      "Нашлиопечатку",
                                                                      "Заметилиошибку",
                                                                      "Добавитькомментарий",
                                                                      "Показатьрезультат",
                                                                      "Отправитьв",
                                                                      "Коддляразмещения",
                                                                      "Просмотров",
                                                                      "Выделитетекст",
                                                                      "фото",
                                                                      "Фото:",
                                                                      "Рубрики",
                                                                      "Постояннаяссылка",
                                                                      "signupfor",
                                                                      "signuptoour",
                                                                      "signuptoget",
                                                                      "subscribeto",
                                                                      "subscribenow",
                                                                      "subscribefor",
                                                                      "nevermissthe",
                                                                      "nevermissa",
                                                                      "followuson",
                                                                      "followus",
                                                                      "likeuson",
                                                                      "joinuson",
                                                                      "clickheretosubscribe",
                                                                      "clickheretosignup",
                                                                      "clickheretoread",
                                                                      "getthelatestnews",
                                                                      "getourdaily",
                                                                      "haveatip",
                                                                      "gotatip",
                                                                      "gotastory",
                                                                      "doyouhaveastory",
                                                                      "sendusyour",
                                                                      "contactusat",
                                                                      "emailusat",
                                                                      "downloadourapp",
                                                                      "downloadtheapp",
                                                                      "wewanttohearwhatyouthink",
                                                                      "submityourletter",
                                                                      "formorestorieslikethis",
                                                                      "formorenews",
                                                                      "listentothepodcast",
                                                                      "thisarticlewasoriginallypublished",
                                                                      "abonnierensie",
                                                                      "abonnierenunseren",
                                                                      "abonnierejetzt",
                                                                      "hierabonnieren",
                                                                      "folgensieuns",
                                                                      "folgtuns",
                                                                      "meldensiesich",
                                                                      "inscrivezvous",
                                                                      "abonnezvous",
                                                                      "suiveznous",
                                                                      "suscr\xC3\xAD"
                                                                      "bete",
                                                                      "s\xC3\xADguenos",
                                                                      "iscrivitialla",
                                                                      "seguicisu"});
  if (squeezed_line.find("contributedtothisreport") != std::string::npos || squeezed_line.find("contributedtothisstory") != std::string::npos) return true;
  return std::any_of(kBeginnings.begin(), kBeginnings.end(), [&](std::string_view beginning) { return squeezed_line.compare(0, beginning.size(), beginning) == 0; });
}

// A time of day with a day, and little else: what stands over a story or between posts.
bool is_timestamp(std::string_view line, std::uint32_t weight) {
  std::size_t digits = 0;
  bool clock = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] >= '0' && line[i] <= '9') ++digits;
    if (line[i] == ':' && i > 0 && i + 2 < line.size() && line[i - 1] >= '0' && line[i - 1] <= '9' && line[i + 1] >= '0' && line[i + 1] <= '9') clock = true;
  }
  return clock && weight <= kMostTimestamp && digits >= 3 && digits * 4 >= weight;
}

// Letters and digits only, lower-case ASCII: enough to see that two lines say the same.
std::string squeezed(std::string_view line) {
  std::string out;
  out.reserve(line.size());
  for (const char c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')) {
      out += c;
    } else if (c >= 'A' && c <= 'Z') {
      out += static_cast<char>(c + 32);
    }
  }
  return out;
}

// At most kMaxTextBytes, whole code points.
std::string_view cut(std::string_view text) {
  if (text.size() <= kMaxTextBytes) return text;
  std::size_t size = kMaxTextBytes;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80) --size;
  return text.substr(0, size);
}

std::string text_of_block(const dom::Document& document, const BlockList& list, const Block& block) {
  std::string raw;
  for (std::uint32_t i = block.first; i <= block.last && raw.size() < kMaxTextBytes; ++i) {
    if (document.nodes[i].tag == Tag::kText) {
      const bool hidden = (list.state[i] & kIsHidden) != 0 && !block.is_hidden();
      if (!hidden) dom::append_decoded(raw, cut(document.nodes[i].text));
    } else if (document.nodes[i].tag == Tag::kBr) {
      raw += ' ';
    }
  }
  return text::collapse_spaces(raw);
}

class Writer {
 public:
  Writer(const dom::Document& document, const BlockList& list, const Region& region, const Hints& hints)
      : document_(document), list_(list), region_(region), title_(squeezed(hints.title)) {}

  MainText write() {
    mark_data_cells();
    for (std::uint32_t i = 0; i < list_.blocks.size(); ++i) {
      if (region_.within[i] && !region_.pruned[i]) all_weight_ += list_.blocks[i].weight;
    }
    out_.container = region_.container;
    for (std::uint32_t i = begin_of_story(); i < list_.blocks.size() && bytes_ < kMaxTextBytes && !ended_; ++i) {
      if (!region_.within[i] || region_.pruned[i]) continue;
      offer(list_.blocks[i], data_cell_[i]);
      taken_weight_ += list_.blocks[i].weight;
    }
    return std::move(out_);
  }

 private:
  // The first heading that is the headline, if a good part of the region stands behind it: what is in front of it belongs to something else.
  std::uint32_t begin_of_story() const {
    if (title_.empty()) return 0;
    std::uint64_t before = 0;
    for (std::uint32_t i = 0; i < list_.blocks.size() && before * 4 < all_weight_ * 3; ++i) {
      const Block& block = list_.blocks[i];
      if ((block.state & kInHeading) != 0 && block.weight <= title_.size() && squeezed(text_of_block(document_, list_, block)) == title_) return i;
      if (region_.within[i] && !region_.pruned[i]) before += block.weight;
    }
    return 0;
  }

  // Cells of tables that hold data rather than the layout of the page: many, short, hardly any links.
  void mark_data_cells() {
    data_cell_.assign(list_.blocks.size(), false);
    for (std::uint32_t i = 0; i < document_.nodes.size(); ++i) {
      if (document_.nodes[i].tag != Tag::kTable) continue;
      std::uint64_t cells = 0;
      std::uint64_t weight = 0;
      std::uint64_t links = 0;
      for (std::uint32_t block = list_.first_block[i]; block < list_.end_block[i]; ++block) {
        if ((list_.blocks[block].state & kInTable) == 0) continue;
        ++cells;
        weight += list_.blocks[block].weight;
        links += list_.blocks[block].link_weight;
      }
      const bool is_data = cells >= kLeastCells && weight < cells * kMostInCell && links * 3 < weight;
      for (std::uint32_t block = list_.first_block[i]; block < list_.end_block[i]; ++block) data_cell_[block] = is_data;
    }
  }

  bool is_kept(const Block& block, bool in_data_cell) const {
    if (in_data_cell && !block.is_hidden() && block.link_density() < 0.9) return true;
    if (block.is_hidden() || (block.state & kInCaption) != 0) return false;
    const double links = block.link_density();
    if ((block.state & kInHeading) != 0) return block.tag != Tag::kH1 && links < 0.6;
    if (links > 0.6 && (block.weight < 200 || block.sentence_ends == 0)) return false;
    if (links > 0.4 && (block.state & (kInList | kInTable)) != 0) return false;
    if (block.tag == Tag::kP || block.tag == Tag::kBlockquote || block.tag == Tag::kPre || block.tag == Tag::kLi || block.tag == Tag::kDd) return block.weight > 1;
    return block.weight >= kShort || block.sentence_ends > 0;
  }

  void offer(const Block& block, bool in_data_cell) {
    if (!is_kept(block, in_data_cell)) return;
    std::string line = text_of_block(document_, list_, block);
    if (line.empty()) return;
    const std::string same = squeezed(line);
    const bool in_heading = (block.state & kInHeading) != 0;
    if (!title_.empty() && same == title_) return;
    if (in_heading && is_label(same) && (all_weight_ - taken_weight_) * kMostBehindLabel < all_weight_) ended_ = true;
    if (is_label(same) || (block.weight <= kMostRequest && is_request(same)) || (!in_data_cell && is_timestamp(line, block.weight))) return;
    if (line.size() >= kLeastRepeated && !seen_.insert(same).second) return;
    if ((block.state & kInHeading) != 0) {
      pending_heading_ = std::move(line);  // until a paragraph follows
      pending_node_ = block.first;
      return;
    }
    if (!pending_heading_.empty()) {
      take(std::move(pending_heading_), pending_node_, pending_node_);
      pending_heading_.clear();
    }
    take(std::move(line), block.first, block.last);
  }

  void take(std::string line, std::uint32_t first, std::uint32_t last) {
    if (out_.paragraphs.empty()) out_.first_node = first;
    out_.last_node = last;
    bytes_ += line.size();
    out_.paragraphs.push_back(std::move(line));
  }

  const dom::Document& document_;
  const BlockList& list_;
  const Region& region_;
  std::string title_;
  std::vector<bool> data_cell_;
  std::unordered_set<std::string> seen_;
  std::uint64_t all_weight_ = 0;    // of the region
  std::uint64_t taken_weight_ = 0;  // of it, so far
  bool ended_ = false;              // a heading of other stories was met
  std::string pending_heading_;
  std::uint32_t pending_node_ = 0;
  std::size_t bytes_ = 0;
  MainText out_;
};

}  // namespace

std::string MainText::text() const {
  std::string out;
  for (const std::string& paragraph : paragraphs) {
    if (!out.empty()) out += "\n\n";
    out += paragraph;
  }
  return out;
}

namespace {

// What the page's own data call the article: paragraphs of plain text, whatever markup it holds left out.
std::vector<std::string> paragraphs_of_body(std::string_view body) {
  std::string plain;
  bool in_tag = false;
  for (std::size_t i = 0; i < std::min(body.size(), kMaxTextBytes); ++i) {
    const char c = body[i];
    if (c == '<' && i + 1 < body.size() && (body[i + 1] == '/' || (body[i + 1] >= 'a' && body[i + 1] <= 'z') || (body[i + 1] >= 'A' && body[i + 1] <= 'Z'))) {
      in_tag = true;
      if (body[i + 1] == '/' || body[i + 1] == 'p' || body[i + 1] == 'b')
        plain += body.substr(i, 3) == "</p" || body.substr(i, 3) == "<br" || body.substr(i, 2) == "<p" ? '\n' : ' ';
    } else if (in_tag) {
      in_tag = c != '>';
    } else {
      plain += c;
    }
  }
  std::vector<std::string> out;
  std::string_view rest = plain;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    std::string line = text::collapse_spaces(rest.substr(0, end));
    if (!line.empty()) out.push_back(std::move(line));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return out;
}

// Every block of the page that reads like prose.
Region all_prose(const BlockList& list) {
  Region out;
  out.pruned.assign(list.blocks.size(), false);
  for (const Block& block : list.blocks) out.within.push_back(is_prose(block));
  return out;
}

std::size_t bytes_of(const std::vector<std::string>& paragraphs) {
  std::size_t out = 0;
  for (const std::string& paragraph : paragraphs) out += paragraph.size();
  return out;
}

}  // namespace

MainText find_main_text(const dom::Document& document, const Hints& hints) {
  const BlockList list = make_blocks(document);
  MainText out = Writer(document, list, find_region(document, list), hints).write();
  if (bytes_of(out.paragraphs) < kLittleShown) {
    MainText unnamed = Writer(document, list, find_region(document, list, false), hints).write();
    if (static_cast<double>(bytes_of(unnamed.paragraphs)) > kMuchMoreUnnamed * static_cast<double>(bytes_of(out.paragraphs))) out = std::move(unnamed);
  }
  if (out.paragraphs.empty()) out = Writer(document, list, all_prose(list), hints).write();
  if (hints.article_body.size() >= kLeastBody) {
    std::vector<std::string> body = paragraphs_of_body(hints.article_body);
    const auto shown = static_cast<double>(bytes_of(out.paragraphs));
    if (shown<kLittleShown&& static_cast<double>(bytes_of(body))> kMuchMoreInBody * shown) out.paragraphs = std::move(body);
  }
  return out;
}

}  // namespace vigie::extractor::content
