#include "extractor/traits/words_of_numbers.h"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "platform/text/fold.h"

namespace vigie::extractor::traits {
namespace {

struct Magnitude {
  double factor;
  std::string_view words;  // parted by spaces, as written
};

// Sources: CLDR 42, short and long compact forms (decimalFormats) of each language, and what their
// newspapers write. "billion" is 10^9 in English, Portuguese of Brazil (bilhão), Turkish and
// Russian; the long scale has other words (Billion of German, billón, billion of French) that are
// read by the language's own spelling where it differs, else as English.
constexpr Magnitude kMagnitudes[] = {
    {1e2, "百 백"},
    {1e3,
     "thousand k tausend tsd mille milles mil mila тысяча тысячи тысяч тыс ألف آلاف الف bin "
     "tysiąc tysiące tysięcy tys duizend 千 천 tuhat тисяч"},
    {1e4, "万 萬 만"},
    {1e6,
     "million millions mn mln mio million millionen mill millón millones milhão milhões "
     "milione milioni milyon milionów miliony miljoen миллион миллиона миллионов млн مليون "
     "ملايين مليونا мільйонів 百万 백만"},
    {1e8, "亿 億 억"},
    {1e9,
     "billion billions bn milliarde milliarden mrd milliard milliards md mds bilhão bilhões "
     "bi miliardo miliardi mld milyar miliard miliardów miliardy miljard миллиард миллиарда "
     "миллиардов млрд مليار مليارات مليارا мільярдів 十亿 십억"},
    {1e12,
     "trillion trillions tn trn trilhão trilhões trilyon billón billones billionen bln "
     "триллион триллиона триллионов трлн تريليون تريليونات 兆 조 万亿 萬億"},
};

// By month, as written; a folded form of each counts. Sources: CLDR 42, gregorian months (format
// and stand-alone, wide and abbreviated).
constexpr std::string_view kMonths[] = {
    "january jan januar jänner janvier janv enero ene janeiro gennaio gen января январь янв يناير "
    "كانون ocak stycznia styczeń januari січня",
    "february feb februar février févr febrero fevereiro fev febbraio февраля февраль фев فبراير "
    "شباط şubat lutego luty februari лютого",
    "march mar märz mars marzo março марта март مارس آذار mart marca marzec maart березня",
    "april apr avril avr abril abr aprile апреля апрель апр أبريل ابريل نيسان nisan kwietnia "
    "kwiecień квітня",
    "may mai mayo maio maggio mag мая май مايو أيار mayıs maja maj mei травня",
    "june jun juni juin junio junho giugno giu июня июнь июн يونيو حزيران haziran czerwca czerwiec "
    "червня",
    "july jul juli juillet juil julio julho luglio lug июля июль июл يوليو تموز temmuz lipca "
    "lipiec "
    "липня",
    "august aug août agosto ago августа август авг أغسطس اغسطس آب ağustos sierpnia sierpień "
    "augustus серпня",
    "september sept sep septembre septiembre setiembre setembro set settembre сентября сентябрь "
    "сен сент سبتمبر أيلول eylül września wrzesień вересня",
    "october oct oktober okt octobre octubre outubro out ottobre ott октября октябрь окт أكتوبر "
    "اكتوبر ekim października październik жовтня",
    "november nov novembre noviembre novembro ноября ноябрь ноя нояб نوفمبر kasım "
    "listopada listopad листопада",
    "december dec dezember dez décembre déc diciembre dic dezembro dicembre декабря декабрь дек "
    "ديسمبر aralık grudnia grudzień грудня",
};

template <class Value>
using Table = std::unordered_map<std::string, Value>;

template <class Value>
void add(Table<Value>& table, std::string_view words, Value value) {
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    if (end > 0) table.emplace(text::fold_text(words.substr(0, end)), value);
    words.remove_prefix(std::min(end + 1, words.size()));
  }
}

}  // namespace

double magnitude(std::string_view folded) {
  static const Table<double> table = [] {
    Table<double> out;
    for (const Magnitude& one : kMagnitudes) add(out, one.words, one.factor);
    return out;
  }();
  const auto found = table.find(std::string(folded));
  return found == table.end() ? 0 : found->second;
}

int month(std::string_view folded) {
  static const Table<int> table = [] {
    Table<int> out;
    for (int i = 0; i < 12; ++i) add(out, kMonths[i], i + 1);
    return out;
  }();
  const auto found = table.find(std::string(folded));
  return found == table.end() ? 0 : found->second;
}

}  // namespace vigie::extractor::traits
