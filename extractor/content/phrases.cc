#include "extractor/content/phrases.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "platform/text/fold.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::content {
namespace {

constexpr std::size_t kMostLabel = 60;      // bytes of a squeezed label, the longest of them
constexpr std::size_t kMostDay = 24;        // letters and digits of a line that is a day
constexpr std::size_t kMostTimestamp = 45;  // letters and digits of a line that is a moment
constexpr std::size_t kDigitsOfDay = 6;     // of a day that is written in digits
// letters and digits of a line that ends with a day in digits
constexpr std::size_t kMostNamedDay = 32;
constexpr std::size_t kMostCredit = 60;  // letters of a line that says where a picture is from

bool begins_with_one_of(std::string_view line, std::span<const std::string_view> beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [line](std::string_view beginning) { return line.starts_with(beginning); });
}

template <std::size_t N>
constexpr std::array<std::string_view, N> sorted(std::array<std::string_view, N> phrases) {
  std::sort(phrases.begin(), phrases.end());
  return phrases;
}

// Of sorted phrases, whether none begins another: then only the one in front of a line in that
// order can begin it.
constexpr bool none_begins_another(std::span<const std::string_view> sorted_phrases) {
  return std::adjacent_find(sorted_phrases.begin(), sorted_phrases.end(),
                            [](std::string_view one, std::string_view next) {
                              return next.starts_with(one);
                            }) == sorted_phrases.end();
}

bool begins_with_sorted(std::string_view line, std::span<const std::string_view> sorted_phrases) {
  const auto behind = std::upper_bound(sorted_phrases.begin(), sorted_phrases.end(), line);
  return behind != sorted_phrases.begin() && line.starts_with(*(behind - 1));
}

// Phrases that are looked for anywhere in a line, all in one pass: by the hash of their first four
// bytes.
class PhraseSet {
 public:
  explicit PhraseSet(std::span<const std::string_view> phrases) : by_hash_(kSlots) {
    for (const std::string_view phrase : phrases) {
      by_hash_[hash_of(phrase.data())].push_back(phrase);
      begins_.set(hash_of(phrase.data()));
    }
  }

  bool stand_in(std::string_view line) const {
    for (std::size_t at = 0; at + kPrefix <= line.size(); ++at) {
      const std::size_t hash = hash_of(line.data() + at);
      if (!begins_.test(hash)) continue;
      for (const std::string_view phrase : by_hash_[hash]) {
        if (line.substr(at, phrase.size()) == phrase) return true;
      }
    }
    return false;
  }

 private:
  static constexpr std::size_t kSlots = 8192;
  static constexpr std::size_t kPrefix = 4;  // no phrase is shorter

  static std::size_t hash_of(const char* four) {
    std::uint32_t bytes = 0;
    std::memcpy(&bytes, four, kPrefix);
    return (bytes * 2654435761U) >> 19U;
  }

  std::bitset<kSlots> begins_;
  std::vector<std::vector<std::string_view>> by_hash_;
};

// What stands over or in place of things that are no part of the story, whole line; squeezed. Words
// of the trade in the languages of the news, not of sites.
constexpr std::array kLabels =
    sorted(std::to_array<std::string_view>({"related",
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
                                            "Ссылкипотеме",
                                            "Большеинформации",
                                            "Читайтедругиематериалыпотеме",
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
                                            "Σχετικάάρθρα"}));

// Requests to the reader that stand among paragraphs, by how they begin; squeezed.
constexpr std::array kRequests =
    sorted(std::to_array<std::string_view>({"morefrom",
                                            "moremustreads",
                                            "moreon",
                                            "morecoverage",
                                            "relatedto",
                                            "viewthisposton",
                                            "apostsharedby",
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
                                            "Прочитано",
                                            "Обновленов",
                                            "Читайтетакже",
                                            "Опубликовано",
                                            "Выделитетекст",
                                            "фото",
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
                                            "seguicisu"}));

// Appeals for money or for a subscription, anywhere in a line; squeezed.
constexpr std::array kAppeals =
    std::to_array<std::string_view>({"contributingaslittleas",
                                     "contributeaslittleas",
                                     "givingusaslittleas",
                                     "foraslittleas1",
                                     "yourcontributionwill",
                                     "helpkeepnewsfree",
                                     "helpkeepourjournalism",
                                     "keepournewsfree",
                                     "supportournewsroom",
                                     "supportourjournalism",
                                     "supportlocaljournalism",
                                     "supportindependentjournalism",
                                     "supportqualityjournalism",
                                     "makeadonationtoday",
                                     "makeataxdeductible",
                                     "becomeamembertoday",
                                     "wecannotdothiswithoutyourhelp",
                                     "wecantdothiswithoutyou",
                                     "alreadycontributed",
                                     "alreadyasubscriber",
                                     "reservedforsubscribersonly",
                                     "unlimitedonlineaccess",
                                     "toreadtherestofthisarticle",
                                     "awayforyoutosupport",
                                     "adreducedaccess",
                                     "adfreeaccess",
                                     "adfreeexperience",
                                     "yourcontributionof",
                                     "wouldyoujoinustohelpkeep",
                                     "becauseofreaderslikeyou",
                                     "thankstoreaderslikeyou",
                                     "fundedbyreaders",
                                     "fundedbyourreaders",
                                     "tocontinuereadingthisarticle",
                                     "subscribetocontinuereading",
                                     "signintocontinuereading",
                                     "createanaccountorsignin",
                                     "registersignin",
                                     "unterst\xC3\xBCtzensieunserenjournalismus",
                                     "unterst\xC3\xBCtzensieunabh\xC3\xA4ngigenjournalismus",
                                     "diesenartikelweiterlesen",
                                     "diesenartikelzuendelesen",
                                     "siehabenbereitseinabo",
                                     "sindsiebereitsabonnent",
                                     "soutenezunjournalisme",
                                     "soutenezlejournalisme",
                                     "r\xC3\xA9serv\xC3\xA9"
                                     "auxabonn\xC3\xA9s",
                                     "pourlirelasuite",
                                     "d\xC3\xA9j\xC3\xA0"
                                     "abonn\xC3\xA9",
                                     "apoyaelperiodismo",
                                     "apoyanuestroperiodismo",
                                     "paraseguirleyendo",
                                     "sostieniilgiornalismo",
                                     "sostieniilnostrogiornalismo",
                                     "percontinuarealeggere",
                                     "apoieojornalismo",
                                     "paracontinuaraler",
                                     "Поддержитенас",
                                     "Поддержитеработу",
                                     "Оформитеподписку"});

}  // namespace

bool is_label(const std::string& squeezed_line) {
  return squeezed_line.size() <= kMostLabel &&
         std::binary_search(kLabels.begin(), kLabels.end(), std::string_view(squeezed_line));
}

bool is_request(const std::string& squeezed_line) {
  static_assert(none_begins_another(kRequests));
  static constexpr std::array kAnywhere = std::to_array<std::string_view>({
      "contributedtothisreport",
      "contributedtothisstory",
      "applepodcasts",
      "ongooglenews",
      "mayearncommission",
      "mayearnacommission",
      "earnusacommission",
      "earnasmallcommission",
      "affiliatelinks",
      "inyourinbox",
      "toyourinbox",
      "signupforithere",
      "listenandsubscribe",
      "produktlinksmitprovision",
  });
  static const PhraseSet phrases(kAnywhere);
  return phrases.stand_in(squeezed_line) || begins_with_sorted(squeezed_line, kRequests);
}

bool is_appeal(const std::string& squeezed_line) {
  static const PhraseSet phrases(kAppeals);
  return phrases.stand_in(squeezed_line);
}

bool speaks_of_support(const std::string& squeezed_line) {
  static constexpr std::array kAnywhere = std::to_array<std::string_view>(
      {"journalis", "newsroom", "paywall",    "yoursupport",  "yourhelp",   "subscri",
       "contribut", "donat",    "member",     "onlineaccess", "freeforall", "freeforeveryone",
       "abonn",     "spende",   "redaktion",  "soutien",      "suscrip",    "periodis",
       "giornalis", "jornalis", "dziennikar", "журналист",    "подписк",    "редакци"});
  static const PhraseSet phrases(kAnywhere);
  return phrases.stand_in(squeezed_line);
}

bool is_imprint(const std::string& squeezed_line) {
  static constexpr std::array kBeginnings = sorted(std::to_array<std::string_view>(
      {"\xC2\xA9", "copyright\xC2\xA9", "allrightsreserved", "allerechtevorbehalten",
       "tousdroitsr\xC3\xA9serv\xC3\xA9s", "todoslosderechosreservados", "tuttiidirittiriservati",
       "wszelkieprawazastrze", "Всеправазащищены", "Свидетельствоорегистрации",
       "Прииспользованииматериалов", "Приполномиличастичном", "Перепечаткаматериалов",
       "Использованиематериаловсайта", "Любоеиспользованиематериалов", "版权所有", "版權所有"}));
  static_assert(none_begins_another(kBeginnings));
  return begins_with_sorted(squeezed_line, kBeginnings);
}

// "(opens new tab)": for screen readers, at the end of a link.
bool says_how_a_link_opens(std::string_view text) {
  static constexpr std::array kPhrases = std::to_array<std::string_view>({
      "opensnewtab",
      "opensinnewtab",
      "opensinanewtab",
      "opensnewwindow",
      "opensinnewwindow",
      "opensinanewwindow",
      "opensinanewtaborwindow",
      "externallink",
      "thislinkopensinanewwindow",
      "öffnetimneuenfenster",
      "öffnetimneuentab",
      "öffnetinneuemfenster",
      "öffnetinneuemtab",
      "öffnetineinemneuenfenster",
      "öffnetineinemneuentab",
      "externerlink",
      "souvredansunenouvellefenêtre",
      "souvredansunnouvelonglet",
      "nouvellefenêtre",
      "seabreenunanuevaventana",
      "seabreenunanuevapestaña",
      "seabreenunaventananueva",
      "siapreinunanuovafinestra",
      "siapreinunanuovascheda",
      "abreemnovajanela",
      "abreemumanovajanela",
      "abrenumanovajanela",
      "opentineennieuwvenster",
      "opentineennieuwtabblad",
      "otwierasięwnowejkarcie",
      "otwierasięwnowymoknie",
      "открываетсявновомокне",
      "открываетсявновойвкладке",
      "在新窗口打开",
      "新しいウィンドウで開く",
      "새창열기",
  });
  static const std::vector<std::string> folded = [] {
    std::vector<std::string> out;
    for (const std::string_view phrase : kPhrases) out.push_back(squeezed(text::fold_text(phrase)));
    std::sort(out.begin(), out.end());
    return out;
  }();
  return std::binary_search(folded.begin(), folded.end(), squeezed(text::fold_text(text)));
}

bool begins_comments(const std::string& squeezed_line) {
  static constexpr std::array kBeginnings = sorted(std::to_array<std::string_view>(
      {"leaveacomment", "leaveareply", "postacomment", "addacomment", "readerscomments",
       "readercomments", "kommentarschreiben", "laisseruncommentaire", "dejauncomentario",
       "lasciauncommento", "dodajkomentarz", "Оставитькомментарий", "Добавитькомментарий",
       "Комментариичитателей", "Комментариинашегочитателя", "Комментариикстатье", "发表评论",
       "网友评论", "我要评论"}));
  static_assert(none_begins_another(kBeginnings));
  return begins_with_sorted(squeezed_line, kBeginnings);
}

// "Photo: dpa", "Image from last year's review.", "Фото с сайта": the word for a picture, and
// behind it a mark or a word of origin.
bool is_credit(std::string_view line) {
  static constexpr std::array kPictures = std::to_array<std::string_view>(
      {"photograph", "photo", "image", "picture", "foto", "bild", "Фото", "ФОТО",
       "zdj\xC4\x99\xC4\x87"
       "ie",
       "\xCE\xA6\xCF\x89\xCF\x84\xCE\xBF", "写真", "사진", "图", "圖", "图片", "圖片"});
  static constexpr std::array kMarks =
      std::to_array<std::string_view>({":", "\xEF\xBC\x9A", "\xC2\xA9", "/", "| "});
  static constexpr std::array kOrigins = std::to_array<std::string_view>(
      {"by ", "from ", "via ", "courtesy ", "credit", "provided by ", "supplied by ", "used under ",
       "used with ", "von ", "с ", "из ", "od "});
  // the newspaper asks a question
  if (text::count_code_points(line) > kMostCredit || line.ends_with('?') ||
      line.starts_with("BILD"))
    return false;
  const std::string lower = text::ascii_lower(line);
  const std::string_view whole = lower;
  for (const std::string_view picture : kPictures) {
    if (!whole.starts_with(picture)) continue;
    std::string_view rest = whole.substr(picture.size());
    const bool is_one = !rest.starts_with('s');
    if (!is_one) rest.remove_prefix(1);
    const bool is_apart = rest.starts_with(' ');
    if (is_apart) rest.remove_prefix(1);
    if (begins_with_one_of(rest, kMarks)) return true;
    if (!is_apart || !begins_with_one_of(rest, kOrigins)) return false;
    // "Photos from the scene show …" and "Фото с места опубликовала полиция." are sentences.
    const bool is_cyrillic = picture.starts_with("Ф");
    return is_cyrillic ? !line.ends_with('.') : is_one || !rest.starts_with("from ");
  }
  return false;
}

// "Updated: 14:42 BST"
bool says_updated(std::string_view line) {
  static constexpr std::array kWords = std::to_array<std::string_view>(
      {"Updated", "UPDATED", "Published", "Posted", "Aktualisiert", "Stand", "Mis à jour", "Publié",
       "Actualizado", "Publicado", "Aggiornato", "Atualizado", "Aktualizacja", "Обновлено",
       "Опубликовано", "Ενημερώθηκε", "更新", "发布"});
  return begins_with_one_of(line, kWords);
}

// A day with or without a time of day, and little else: what stands over a story or between posts.
bool is_one_timestamp(std::string_view line) {
  if (line.size() > 4 * kMostTimestamp) return false;
  std::size_t letters = 0;  // and digits and marks
  std::size_t digits = 0;
  std::size_t separators = 0;  // within a numeric day
  bool clock = false;
  bool year = false;
  const auto is_digit = [&](std::size_t i) {
    return i < line.size() && line[i] >= '0' && line[i] <= '9';
  };
  for (std::size_t i = 0; i < line.size(); ++i) {
    const auto byte = static_cast<unsigned char>(line[i]);
    if (byte > ' ' && (byte & 0xC0U) != 0x80) ++letters;
    if (is_digit(i)) ++digits;
    const bool between = i > 0 && is_digit(i - 1) && is_digit(i + 1);
    if (line[i] == ':' && between && is_digit(i + 2)) clock = true;
    if ((line[i] == '.' || line[i] == '/' || line[i] == '-') && between) ++separators;
    if (line.substr(i, 2) == "20" && is_digit(i + 2) && is_digit(i + 3) && !is_digit(i + 4) &&
        (i == 0 || !is_digit(i - 1)))
      year = true;
  }
  if (clock)
    return letters <= kMostTimestamp && digits >= 3 &&
           digits * (says_updated(line) ? 5 : 4) >= letters;
  if (letters <= kMostNamedDay && separators == 2 && digits >= kDigitsOfDay &&
      digits * 4 >= letters && is_digit(line.size() - 1))
    return true;
  return letters <= kMostDay && digits >= 5 && digits * 3 >= letters &&
         (separators == 2 || (year && separators == 0));
}

bool is_timestamp(std::string_view line) {
  if (is_one_timestamp(line)) return true;
  // "Published … | Updated …"
  if (line.size() > 4 * kMostTimestamp) return false;
  for (const std::string_view separator : {"|", "·", "•"}) {
    const std::size_t at = line.find(separator);
    if (at == std::string_view::npos) continue;
    const std::string_view one = text::trim(line.substr(0, at));
    const std::string_view other = text::trim(line.substr(at + separator.size()));
    if (is_one_timestamp(one) && is_one_timestamp(other)) return true;
  }
  return false;
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

}  // namespace vigie::extractor::content
