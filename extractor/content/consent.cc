#include "extractor/content/consent.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "extractor/content/phrases.h"
#include "extractor/content/region.h"
#include "platform/text/fold.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::content {
namespace {

constexpr std::size_t kMostOfLine = 4096;      // bytes of a block that are looked at
constexpr std::uint32_t kLeastElsewhere = 60;  // letters of prose that the page holds besides
constexpr double kMostlyConsent = 0.5;         // share of a wall's prose that speaks of consent
constexpr std::size_t kMostWalls = 8;
constexpr std::size_t kMostRead = 1000;   // blocks that are read closely
constexpr std::size_t kMostClimbed = 24;  // elements around the line that asks

using Stems = std::span<const std::string_view>;

// Letters of a line, folded: "Wir und unsere 214 Partner" is "wirundunserepartner".
std::string letters_of(std::string_view line) {
  std::string out;
  for (const char c : squeezed(text::fold_text(line))) {
    if (c < '0' || c > '9') out += c;
  }
  return out;
}

// Stems as lines are compared with.
class FoldedStems {
 public:
  explicit FoldedStems(Stems stems) {
    for (const std::string_view stem : stems) stems_.push_back(letters_of(stem));
  }
  bool stand_in(std::string_view letters) const {
    return std::any_of(stems_.begin(), stems_.end(), [letters](const std::string& stem) {
      return letters.find(stem) != std::string_view::npos;
    });
  }

 private:
  std::vector<std::string> stems_;
};

// Who asks: we and our partners. Folded, letters and digits only, numbers left out.
constexpr auto kAsks = std::to_array<std::string_view>({"weandourpartner",
                                                        "weandourthirdpart",
                                                        "weandourvendor",
                                                        "weandourtrusted",
                                                        "weandselected",
                                                        "ourpartnersand",
                                                        "weandthirdpart",
                                                        "wirundunsere",
                                                        "wirundbiszu",
                                                        "wirundausgewahlte",
                                                        "nousetnospartenaires",
                                                        "nosetnospartenaires",
                                                        "avecnospartenaires",
                                                        "nosotrosynuestros",
                                                        "nosotrosjuntoanuestros",
                                                        "nuestrossocios",
                                                        "noieinostri",
                                                        "noieterzeparti",
                                                        "inostripartner",
                                                        "nosenossosparceiros",
                                                        "noseosnossosparceiros",
                                                        "nossosparceiros",
                                                        "wijenonze",
                                                        "onzepartners",
                                                        "myinasipartnerz",
                                                        "myinasizaufanipartnerz",
                                                        "naszychpartner",
                                                        "viochvarapartner",
                                                        "viogvorespartnere",
                                                        "viogvaresamarbeidspartnere",
                                                        "mejakumppanimme",
                                                        "myanasipartneri",
                                                        "noisipartenerii",
                                                        "mipartnereinkkel",
                                                        "esapartnereink",
                                                        "bizveortak",
                                                        "мыинашипарт",
                                                        "миинашипарт",
                                                        "ниеинашитепарт",
                                                        "εμειςκαιοισυνεργατες",
                                                        "私たちとパートナー",
                                                        "当社とパートナー",
                                                        "弊社とパートナー",
                                                        "我们和我们的",
                                                        "我们及我们的",
                                                        "我们与我们的",
                                                        "我们及合作伙伴",
                                                        "我们和合作伙伴",
                                                        "我們和我們的",
                                                        "我們與合作",
                                                        "저희와파트너",
                                                        "당사와파트너",
                                                        "نحنوشركاونا",
                                                        "نحنوشركاؤنا",
                                                        "chungtoivacacdoitac",
                                                        "kamidanmitrakami",
                                                        "weusecookie",
                                                        "wevalueyourprivacy",
                                                        "thissiteusescookie",
                                                        "thiswebsiteusescookie",
                                                        "ourwebsiteusescookie",
                                                        "ourwebsitesusecookie",
                                                        "wirverwendencookie",
                                                        "wirnutzencookie",
                                                        "wirsetzencookie",
                                                        "diesewebsiteverwendetcookie",
                                                        "diesewebseiteverwendetcookie",
                                                        "nousutilisonsdescookie",
                                                        "cesiteutilisedescookie",
                                                        "utilizamoscookie",
                                                        "usamoscookie",
                                                        "estesitioutilizacookie",
                                                        "estesiteutilizacookie",
                                                        "utilizziamocookie",
                                                        "utilizziamoicookie",
                                                        "questositoutilizza",
                                                        "wijgebruikencookie",
                                                        "wegebruikencookie",
                                                        "wijplaatsencookie",
                                                        "uzywamyplikowcookie",
                                                        "uzywamycookie",
                                                        "vianvandercookie",
                                                        "vianvanderkakor",
                                                        "vibrugercookie",
                                                        "vibrukercookie",
                                                        "vibrukerinformasjonskapsler",
                                                        "kaytammeevaste",
                                                        "pouzivamecookie",
                                                        "pouzivamesoubory",
                                                        "folosimcookie",
                                                        "utilizammodulecookie",
                                                        "sutiketh",
                                                        "cerezkullan",
                                                        "мыиспользуемфайл",
                                                        "мыиспользуемcookie",
                                                        "мивикористовуємофайл",
                                                        "使用cookie",
                                                        "cookieを使用",
                                                        "クッキーを使用",
                                                        "쿠키를사용",
                                                        "نستخدمملفاتتعريف"});

// What it wants to do: keep things on the device.
constexpr auto kCookies = std::to_array<std::string_view>({"cookie",
                                                           "cookies",
                                                           "kakor",
                                                           "evaste",
                                                           "sutiket",
                                                           "piskotke",
                                                           "kolacici",
                                                           "cerez",
                                                           "куки",
                                                           "クッキー",
                                                           "쿠키",
                                                           "ملفاتتعريف",
                                                           "informationonadevice",
                                                           "informationonyourdevice",
                                                           "informationenaufeinemgerat",
                                                           "informationenaufihremgerat",
                                                           "informationssurunterminal",
                                                           "informationssurunappareil",
                                                           "informacionenundispositivo",
                                                           "informazionisuundispositivo",
                                                           "uniqueidentifier",
                                                           "eindeutigekennungen",
                                                           "identifiantsuniques"});

// Words of the law.
constexpr auto kLaw = std::to_array<std::string_view>({"legitimateinterest",
                                                       "berechtigtesinteresse",
                                                       "berechtigteninteresse",
                                                       "berechtigterinteresse",
                                                       "berechtigteinteresse",
                                                       "interetlegitime",
                                                       "interetslegitimes",
                                                       "intereslegitimo",
                                                       "intereseslegitimos",
                                                       "legittimointeresse",
                                                       "legittimiinteressi",
                                                       "interesselegittimo",
                                                       "interesselegitimo",
                                                       "interesseslegitimos",
                                                       "legitimointeresse",
                                                       "gerechtvaardigdbelang",
                                                       "gerechtvaardigdebelang",
                                                       "uzasadnioneinteres",
                                                       "uzasadnionyinteres",
                                                       "uzasadnionegointeres",
                                                       "prawnieuzasadnion",
                                                       "berattigatintresse",
                                                       "legitiminteresse",
                                                       "berettigetinteresse",
                                                       "oikeutettuetu",
                                                       "opravnenyzajem",
                                                       "interesullegitim",
                                                       "jogoserdek",
                                                       "mesrumenfaat",
                                                       "законныйинтерес",
                                                       "законныхинтерес",
                                                       "законногоинтерес",
                                                       "εννομοσυμφερον",
                                                       "正当な利益",
                                                       "合法利益",
                                                       "正当利益",
                                                       "정당한이익",
                                                       "المصلحةالمشروعة"});

// What the reader may say to it.
constexpr auto kAnswers = std::to_array<std::string_view>({"yourconsent",
                                                           "youconsent",
                                                           "withdrawconsent",
                                                           "yourchoices",
                                                           "yourpreferences",
                                                           "managepreferences",
                                                           "acceptall",
                                                           "rejectall",
                                                           "personaldata",
                                                           "ourprivacypolicy",
                                                           "listofpurposes",
                                                           "ihreeinwilligung",
                                                           "einwilligungwiderrufen",
                                                           "ihrezustimmung",
                                                           "personenbezogenedaten",
                                                           "personenbezogenendaten",
                                                           "datenschutzerklarung",
                                                           "alleakzeptieren",
                                                           "alleablehnen",
                                                           "votreconsentement",
                                                           "vosdonnees",
                                                           "donneespersonnelles",
                                                           "donneesacaracterepersonnel",
                                                           "voschoix",
                                                           "toutaccepter",
                                                           "toutrefuser",
                                                           "suconsentimiento",
                                                           "tuconsentimiento",
                                                           "datospersonales",
                                                           "suspreferencias",
                                                           "tuspreferencias",
                                                           "iltuoconsenso",
                                                           "ilsuoconsenso",
                                                           "vostroconsenso",
                                                           "datipersonali",
                                                           "letuepreferenze",
                                                           "lesuepreferenze",
                                                           "seuconsentimento",
                                                           "dadospessoais",
                                                           "suaspreferencias",
                                                           "uwtoestemming",
                                                           "jetoestemming",
                                                           "persoonsgegevens",
                                                           "twojazgod",
                                                           "wyrazicezgode",
                                                           "zgodewkazdej",
                                                           "daneosobowe",
                                                           "danychosobowych",
                                                           "dittsamtycke",
                                                           "personuppgifter",
                                                           "ditsamtykke",
                                                           "dittsamtykke",
                                                           "personopplysninger",
                                                           "personoplysninger",
                                                           "suostumuks",
                                                           "henkilotiedo",
                                                           "vassouhlas",
                                                           "osobniudaje",
                                                           "osobnichudaj",
                                                           "consimtamantul",
                                                           "datepersonale",
                                                           "datelorcupersonal",
                                                           "hozzajarulas",
                                                           "szemelyesadat",
                                                           "kisiselveri",
                                                           "onayiniz",
                                                           "вашесогласие",
                                                           "персональныхданных",
                                                           "персональныеданные",
                                                           "вашузгоду",
                                                           "персональнихданих",
                                                           "συγκαταθεσησας",
                                                           "προσωπικαδεδομενα",
                                                           "προσωπικωνδεδομενων",
                                                           "個人データ",
                                                           "同意を撤回",
                                                           "您的同意",
                                                           "个人数据",
                                                           "個人資料",
                                                           "개인정보",
                                                           "동의를",
                                                           "موافقتك",
                                                           "بياناتكالشخصية"});

// What a line says of consent.
struct Signs {
  bool asks = false;
  bool speaks = false;
};

Signs signs_of(const std::string& line) {
  static const FoldedStems asking(kAsks);
  static const FoldedStems cookies(kCookies);
  static const FoldedStems law(kLaw);
  static const FoldedStems answers(kAnswers);
  const bool asks = asking.stand_in(line);
  const bool is_topic = cookies.stand_in(line) || law.stand_in(line) || answers.stand_in(line);
  return {asks && is_topic, asks || is_topic};
}

std::string raw_text_of(const dom::Document& document, const Block& block) {
  std::string out;
  for (std::uint32_t i = block.first; i <= block.last && out.size() < kMostOfLine; ++i) {
    if (document.nodes[i].tag == dom::Tag::kText)
      dom::append_decoded(out, text::prefix(document.nodes[i].text, kMostOfLine));
  }
  return out;
}

// A cheap look: no line that asks does without one of these.
bool may_speak_of_consent(std::string_view text) {
  for (std::size_t at = text.find('k'); at != std::string_view::npos; at = text.find('k', at + 1)) {
    const std::string_view rest = text.substr(at);
    if ((at > 1 && text.substr(at - 2, 5) == "ookie") || rest.starts_with("kakor") ||
        rest.starts_with("kapsler") || rest.starts_with("kumppan"))
      return true;
  }
  for (const char first : {'p', 'P'}) {
    for (std::size_t at = text.find(first); at != std::string_view::npos;
         at = text.find(first, at + 1)) {
      const std::string_view rest = text.substr(at + 1);
      if (rest.starts_with("artner") || rest.starts_with("artena")) return true;
    }
  }
  static constexpr std::array kOthers = std::to_array<std::string_view>(
      {"партн", "クッキー", "パートナー", "合作", "쿠키", "파트너", "تعريف", "شرك", "συνεργ",
       "väste", "ütik", "çerez", "Çerez"});
  const bool is_ascii = std::all_of(text.begin(), text.end(),
                                    [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  return !is_ascii && std::any_of(kOthers.begin(), kOthers.end(), [text](std::string_view stem) {
    return text.find(stem) != std::string_view::npos;
  });
}

class WallFinder {
 public:
  WallFinder(const dom::Document& document, const BlockList& list)
      : document_(document), list_(list), out_(list.blocks.size(), false) {}

  std::vector<bool> find() {
    std::size_t walls = 0;
    for (std::uint32_t i = 0; i < list_.blocks.size() && walls < kMostWalls; ++i) {
      if (out_[i] || !is_prose(list_.blocks[i]) || !may_ask(i) || !signs(i).asks) continue;
      if (walls++ == 0) sum();
      mark_wall(i);
    }
    if (marked_ == 0 || all_ - marked_ < kLeastElsewhere) out_.clear();
    return std::move(out_);
  }

 private:
  void sum() {
    for (const Block& block : list_.blocks) {
      if (is_prose(block)) all_ += block.weight;
    }
  }

  bool may_ask(std::uint32_t block) const {
    for (std::uint32_t i = list_.blocks[block].first; i <= list_.blocks[block].last; ++i) {
      if (document_.nodes[i].tag == dom::Tag::kText &&
          may_speak_of_consent(document_.nodes[i].text))
        return true;
    }
    return false;
  }

  // Each block is read once, and so many of a page.
  Signs signs(std::uint32_t i) {
    const auto known = signs_.find(i);
    if (known != signs_.end()) return known->second;
    const Signs read = signs_.size() < kMostRead
                           ? signs_of(letters_of(raw_text_of(document_, list_.blocks[i])))
                           : Signs{};
    signs_.emplace(i, read);
    return read;
  }

  // The greatest element around the block that holds no headline and speaks of consent for the most
  // part. A paragraph among others that look the same and speak of something else is none: a story
  // that quotes a wall.
  void mark_wall(std::uint32_t index) {
    std::uint32_t wall = dom::kNoNode;
    std::size_t climbed = 0;
    for (std::uint32_t node = list_.blocks[index].container;
         node != dom::kNoNode && node != 0 && climbed < kMostClimbed;
         node = document_.nodes[node].parent, ++climbed) {
      if (!is_wall(node)) break;
      if (node != list_.blocks[index].container || is_alone_in_its_look(index)) wall = node;
    }
    if (wall == dom::kNoNode) return;
    for (std::uint32_t i = list_.first_block[wall]; i < list_.end_block[wall]; ++i) {
      if (!out_[i] && is_prose(list_.blocks[i])) marked_ += list_.blocks[i].weight;
      out_[i] = true;
    }
  }

  bool is_wall(std::uint32_t node) {
    std::uint64_t prose = 0;
    std::uint64_t consent = 0;
    for (std::uint32_t i = list_.first_block[node]; i < list_.end_block[node]; ++i) {
      const Block& block = list_.blocks[i];
      if (block.tag == dom::Tag::kH1) return false;
      if (!is_prose(block)) continue;
      prose += block.weight;
      if (prose + kLeastElsewhere > all_) return false;
      if (signs(i).speaks) consent += block.weight;
    }
    return static_cast<double>(consent) >= kMostlyConsent * static_cast<double>(prose);
  }

  bool is_alone_in_its_look(std::uint32_t index) const {
    const std::uint32_t own = list_.blocks[index].container;
    const std::uint32_t parent = document_.nodes[own].parent;
    for (std::uint32_t i = 0; i < list_.blocks.size(); ++i) {
      const std::uint32_t other = list_.blocks[i].container;
      if (other != own && document_.nodes[other].parent == parent &&
          list_.looks[other] == list_.looks[own] && is_prose(list_.blocks[i]))
        return false;
    }
    return true;
  }

  const dom::Document& document_;
  const BlockList& list_;
  std::vector<bool> out_;
  std::uint64_t all_ = 0;
  std::uint64_t marked_ = 0;
  std::unordered_map<std::uint32_t, Signs> signs_;
};

}  // namespace

std::vector<bool> blocks_of_consent(const dom::Document& document, const BlockList& list) {
  return WallFinder(document, list).find();
}

}  // namespace vigie::extractor::content
