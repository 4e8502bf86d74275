#include "extractor/metadata/months.h"

#include <array>

namespace vigie::extractor::metadata {
namespace {

struct MonthName {
  std::string_view prefix;   // lower case; matches every word that begins with it: inflections and abbreviations alike
  unsigned month;
  bool whole = false;        // the whole word only
};

// Words of news pages, by the beginnings that tell months apart. Where two languages disagree (Czech "listopad" is November, Croatian is October) the larger corpus wins.
constexpr std::array kMonths = std::to_array<MonthName>({
    // Germanic, Romance and their neighbours in Latin letters
    {"jan", 1}, {"jän", 1}, {"gen", 1, true}, {"gennaio", 1}, {"ene", 1, true}, {"enero", 1}, {"ianuarie", 1}, {"ian", 1, true}, {"gener", 1, true}, {"feb", 2}, {"fév", 2},
    {"fev", 2}, {"febr", 2}, {"fevr", 2}, {"mar", 3, true}, {"mär", 3}, {"mrz", 3}, {"marz", 3}, {"march", 3}, {"mars", 3, true}, {"março", 3}, {"maart", 3}, {"mrt", 3}, {"marts", 3},
    {"martie", 3}, {"març", 3}, {"márc", 3}, {"maret", 3}, {"maaliskuu", 3}, {"mart", 3, true}, {"apr", 4}, {"abr", 4}, {"avr", 4}, {"ápr", 4}, {"huhti", 4}, {"may", 5, true}, {"mai", 5, true},
    {"maj", 5, true}, {"maja", 5, true}, {"mayo", 5}, {"maio", 5}, {"mag", 5, true}, {"maggio", 5}, {"mei", 5, true}, {"maig", 5}, {"máj", 5}, {"touko", 5}, {"mayıs", 5}, {"jun", 6}, {"juin", 6},
    {"jún", 6}, {"giu", 6}, {"iun", 6}, {"kesäkuu", 6}, {"haziran", 6}, {"jul", 7}, {"juil", 7}, {"júl", 7}, {"lug", 7}, {"iul", 7}, {"heinäkuu", 7}, {"temmuz", 7}, {"aug", 8}, {"aoû", 8},
    {"aou", 8}, {"ago", 8}, {"elokuu", 8}, {"ağustos", 8}, {"agustus", 8}, {"sep", 9}, {"set", 9, true}, {"setembro", 9}, {"settembre", 9}, {"setembre", 9}, {"szept", 9}, {"syyskuu", 9}, {"eylül", 9},
    {"oct", 10}, {"okt", 10}, {"out", 10, true}, {"outubro", 10}, {"ott", 10}, {"lokakuu", 10}, {"ekim", 10}, {"nov", 11}, {"noi", 11}, {"marraskuu", 11}, {"kasım", 11}, {"dec", 12},
    {"dez", 12}, {"déc", 12}, {"dic", 12}, {"des", 12, true}, {"desember", 12}, {"joulukuu", 12}, {"aralık", 12}, {"tammikuu", 1}, {"helmikuu", 2}, {"ocak", 1}, {"şubat", 2}, {"nisan", 4},
    // Slavic and Baltic in Latin letters
    {"stycz", 1}, {"lut", 2}, {"marzec", 3}, {"marca", 3}, {"kwie", 4}, {"czerw", 6}, {"lip", 7}, {"sierp", 8}, {"wrze", 9}, {"październik", 10}, {"paź", 10}, {"listopad", 11}, {"grud", 12},
    {"led", 1}, {"únor", 2}, {"břez", 3}, {"dub", 4}, {"květ", 5}, {"červenec", 7}, {"července", 7}, {"červen", 6}, {"června", 6}, {"srp", 8}, {"září", 9}, {"říj", 10}, {"prosin", 12},
    {"siječ", 1}, {"velja", 2}, {"ožuj", 3}, {"trav", 4}, {"svib", 5}, {"kolovoz", 8}, {"ruj", 9}, {"studen", 11}, {"saus", 1}, {"vasar", 2}, {"kovo", 3}, {"balan", 4}, {"geguž", 5},
    {"birž", 6}, {"liep", 7}, {"rugpj", 8}, {"rugs", 9}, {"spal", 10}, {"lapkr", 11}, {"gruod", 12}, {"decembr", 12}, {"novembr", 11},
    // Cyrillic
    {"янв", 1}, {"фев", 2}, {"март", 3}, {"мар", 3, true}, {"апр", 4}, {"май", 5}, {"мая", 5}, {"мај", 5}, {"июн", 6}, {"јун", 6}, {"юни", 6}, {"июл", 7}, {"јул", 7}, {"юли", 7}, {"авг", 8},
    {"сен", 9}, {"септ", 9}, {"окт", 10}, {"ноя", 11}, {"ное", 11}, {"нов", 11}, {"дек", 12}, {"дец", 12}, {"січ", 1}, {"лют", 2}, {"берез", 3}, {"квіт", 4}, {"трав", 5}, {"черв", 6},
    {"лип", 7}, {"серп", 8}, {"верес", 9}, {"жовт", 10}, {"листоп", 11}, {"груд", 12}, {"јан", 1}, {"яну", 1},
    // Greek
    {"ιαν", 1}, {"φεβ", 2}, {"μαρ", 3}, {"μάρ", 3}, {"απρ", 4}, {"μαΐ", 5}, {"μαϊ", 5}, {"μάι", 5}, {"μαι", 5}, {"ιουν", 6}, {"ιούν", 6}, {"ιουλ", 7}, {"ιούλ", 7}, {"αυγ", 8}, {"αύγ", 8},
    {"σεπ", 9}, {"οκτ", 10}, {"νοε", 11}, {"νοέ", 11}, {"δεκ", 12},
    // Arabic, Persian, Hebrew, Hindi
    {"يناير", 1}, {"فبراير", 2}, {"مارس", 3}, {"أبريل", 4}, {"ابريل", 4}, {"إبريل", 4}, {"مايو", 5}, {"يونيو", 6}, {"يوليو", 7}, {"أغسطس", 8}, {"اغسطس", 8}, {"سبتمبر", 9}, {"أكتوبر", 10},
    {"اكتوبر", 10}, {"نوفمبر", 11}, {"ديسمبر", 12}, {"ינואר", 1}, {"פברואר", 2}, {"מרץ", 3}, {"אפריל", 4}, {"מאי", 5}, {"יוני", 6}, {"יולי", 7}, {"אוגוסט", 8}, {"ספטמבר", 9}, {"אוקטובר", 10},
    {"נובמבר", 11}, {"דצמבר", 12}, {"जनवरी", 1}, {"फरवरी", 2}, {"मार्च", 3}, {"अप्रैल", 4}, {"मई", 5}, {"जून", 6}, {"जुलाई", 7}, {"अगस्त", 8}, {"सितंबर", 9}, {"अक्टूबर", 10}, {"नवंबर", 11}, {"दिसंबर", 12},
    // Indonesian, Vietnamese-free, Swahili share the Latin beginnings above
    {"januari", 1}, {"desemba", 12},
});

}  // namespace

unsigned month_of_name(std::string_view word) {
  if (word.size() < 3) return 0;
  for (const MonthName& name : kMonths) {
    if (name.whole ? word == name.prefix : word.substr(0, name.prefix.size()) == name.prefix) return name.month;
  }
  return 0;
}

}  // namespace vigie::extractor::metadata
