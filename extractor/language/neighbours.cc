#include "extractor/language/neighbours.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "platform/text/utf8.h"
#include "platform/text/word_lists.h"

namespace vigie::extractor::language {

extern const std::string_view kNeighbourWordsText;  // neighbour_words.txt

namespace {

// Sorted. Characters of JIS X 0208, first level, that stand in neither GB 2312 nor Big5.
constexpr std::u32string_view kOfJapan =
    U"両乗亀亜仏仮価侭値倶倹働兎児円冨冴処凧凪剣剤剰労効勅勧勲匁匂単厳収呉呑呪咲唖啓喰"
    U"営噛噺嚢団囲図圏圧堺塀塁塩増壊壌壱売壷変奨妬姉姫娯嬢宍実寛対専尭峠峯嶋巌巣巻帯帰"
    U"庁広廃廻廼弐弾従徳徴応恵悩悪惣懐戦戯戸戻払抜択拝拠拡挙挿捜掲掻揺摂撃撹斉斎晩暁暦"
    U"曽杢枠査柾栂栃栄栢桜桝桟梶梼椀椙椛検楕楳楽榊様樋権樫欝歓歩歯歳歴殻毎気氷汚沢浄涙"
    U"涜渇済渉渋渓満溌滝潅瀞瀬焔焼犠狛猟獣瑠産畑畠畳疎痩発皐県砕砿硲碁稲穂穏穐穣窓竃竜"
    U"竪笹箆篭籾粂粋粛粧経絵絶継続総緑縁縄縦繊繋繍聡聴脇脳臓舎舗舘艶苅荘菓蔵薗薫薬蛍蝋"
    U"蝿衆袴裏覇覚覧観訳説読諌謡譲讃讐賎賛贋転軽辺辻込逓遅遡郷酔醗醤醸釈鈎鉄鉢鉱銭鋭鋲"
    U"鋳錬録鑓関閲闘陥険隠隣隷雑雫霊靭韮頚頬頴頼顔顕駄駅駆駈騒験騨髄髪鮎鯵鰐鰯鴎鴫鴬鶏"
    U"鹸麹麺麿黒黙齢";

// Sorted. The most frequent characters of GB 2312 that stand in neither JIS X 0208 nor Big5.
constexpr std::u32string_view kOfTheReform =
    U"专业两严为举买产仅们众传兰关农刘则创别办务动势华单发员响团场处备头实对导应开张强"
    U"态总户报换时显权标样检测涨热环现电监笔红级纪线组经结给络统续联节苍药营见观规计认"
    U"让议记设访证话该说请调责质购费资车软较达过运还这进邮销长门问间队际难韩项领题风龙";

// Sorted. Frequent characters of Big5 that stand neither in GB 2312 nor in the first level of JIS X
// 0208, since Japan writes them otherwise.
constexpr std::u32string_view kOfTaiwan =
    U"來們區單國學實將對廣從應戰會條樂樣權歲氣沒產當發經總續聽與處觀說證譯讀變讓豐賣賽"
    U"輕輛轉鄰醫釋錄錢鐵關隨險隱雖雙雜雞靈靜顆顏驗體髮鬥麥麼黃點黨齊齒";

// Characters of Chinese grammar, in both its scripts; Japanese has them in no words of its own.
constexpr std::u32string_view kOfChinese = U"了們們個很您把是沒没這这那麼";

bool holds(std::u32string_view sorted, char32_t c) {
  return std::binary_search(sorted.begin(), sorted.end(), c);
}

struct Word {
  std::string_view word;  // whole, or an ending where it begins with '-'
  int norwegian;          // points: below zero they are of Danish
};

// The lists of neighbour_words.txt, which says what each is.
struct Lists {
  explicit Lists(const text::WordLists& lists) : swedish(lists.of("swedish")) {
    for (const text::WordLine& line : lists.lines) {
      const int points = line.name.back() - '0';
      if (!line.name.starts_with("danish") && !line.name.starts_with("norwegian")) continue;
      for (const std::string_view phrase : line.phrases)
        words.push_back({phrase, line.name.starts_with("danish") ? -points : points});
    }
  }
  std::vector<Word> words;
  std::vector<std::string_view> swedish;
};

const Lists& lists() {
  static const Lists kLists(text::read_word_lists(kNeighbourWordsText));
  return kLists;
}

constexpr int kLeastOfSwedish = 3;             // signs of it: words, letters
constexpr std::size_t kLeastBeforeEnding = 3;  // letters

int points_of(std::string_view word) {
  int out = 0;
  for (const Word& known : lists().words) {
    if (known.word.front() != '-') {
      if (known.word == word) return known.norwegian;
      continue;
    }
    const std::string_view ending = known.word.substr(1);
    if (word.size() >= ending.size() + kLeastBeforeEnding && word.ends_with(ending))
      out = std::abs(known.norwegian) > std::abs(out) ? known.norwegian : out;
  }
  return out;
}

}  // namespace

bool is_japanese(std::string_view text, bool declared_japanese) {
  std::size_t hiragana = 0;
  std::size_t katakana = 0;
  std::size_t of_japan = 0;
  std::size_t of_reform = 0;
  std::size_t of_chinese = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = text::next_code_point(text, at);
    if (c < 0x3000) continue;
    if (c >= 0x3041 && c <= 0x309F) ++hiragana;
    // the middle dot and the long mark stand in Chinese, too
    else if (c >= 0x30A1 && c <= 0x30FA) ++katakana;
    else if (holds(kOfJapan, c) || c == 0x3005) ++of_japan;
    else if (holds(kOfTheReform, c) || holds(kOfTaiwan, c)) ++of_reform;
    else if (kOfChinese.find(c) != std::u32string_view::npos) ++of_chinese;
  }
  const std::size_t chinese = of_reform + of_chinese;
  if (of_japan >= 2 && of_japan > 2 * chinese) return true;
  if (hiragana >= 2 && of_japan > chinese) return true;
  if (!declared_japanese) return false;
  return chinese == 0 || (hiragana + katakana > 0 && hiragana + of_japan > 2 * chinese);
}

std::string_view scandinavian(std::string_view text) {
  int points = 0;
  int swedish = 0;
  std::string word;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    const char c = at < text.size() ? text[at] : ' ';
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if ((lower >= 'a' && lower <= 'z') || static_cast<unsigned char>(c) >= 0x80) {
      word += lower;
      continue;
    }
    if (!word.empty()) points += points_of(word);
    const std::vector<std::string_view>& of_swedish = lists().swedish;
    if (std::find(of_swedish.begin(), of_swedish.end(), word) != of_swedish.end()) ++swedish;
    if (word.find("ä") != std::string::npos || word.find("ö") != std::string::npos) ++swedish;
    if (word.find("æ") != std::string::npos || word.find("ø") != std::string::npos) swedish -= 2;
    word.clear();
  }
  if (swedish >= kLeastOfSwedish) return "sv";
  if (points == 0) return {};
  return points > 0 ? "no" : "da";
}

}  // namespace vigie::extractor::language
