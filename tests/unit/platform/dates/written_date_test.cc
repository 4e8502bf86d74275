#include "platform/dates/written_date.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "platform/dates/calendars.h"
#include "platform/dates/dates.h"
#include "platform/dates/months.h"

namespace vigie::dates {
namespace {

std::string read(std::string_view text, std::string_view language = {},
                 std::string_view country = {}) {
  DateHints hints;
  hints.language = language;
  hints.country = country;
  const std::optional<WrittenDate> found = read_date(text, hints);
  return found ? found->text() : "";
}

struct Row {
  const char* written;
  const char* language;
  const char* day;  // "" for none
};

void expect_all(const std::vector<Row>& rows) {
  for (const Row& row : rows)
    EXPECT_EQ(read(row.written, row.language), row.day) << row.written << " " << row.language;
}

// Every name of the table is read on a page of its language, whatever other languages call so.
TEST(WrittenDate, ReadsEveryMonthOfEveryLanguageOfCldr) {
  std::size_t names = 0;
  for (const MonthsOfLanguage& language : months_of_languages()) {
    // vowel signs of Chakma are folded away, which makes two of its names one
    if (language.persian || language.language == "ccp") continue;
    std::string_view rest = language.names;
    for (int month = 1; month <= 12; ++month) {
      std::string_view of_month = rest.substr(0, rest.find(';'));
      rest.remove_prefix(std::min(rest.size(), of_month.size() + 1));
      while (!of_month.empty()) {
        std::string_view name = of_month.substr(0, of_month.find('|'));
        of_month.remove_prefix(std::min(of_month.size(), name.size() + 1));
        if (name.starts_with('~')) continue;
        ++names;
        const std::string day =
            "2024-" + std::string(month < 10 ? "0" : "") + std::to_string(month) + "-05";
        EXPECT_EQ(read("5 " + std::string(name) + " 2024", language.language), day)
            << language.language;
      }
    }
  }
  EXPECT_GT(names, 2000U);
}

TEST(WrittenDate, ReadsTheOrderOfEachLanguage) {
  expect_all({
      {"5 March 2024", "en", "2024-03-05"},
      {"March 5th, 2024 at 10:30 am", "en", "2024-03-05"},
      {"the 5th of March, 2024", "en", "2024-03-05"},
      {"5-Mar-24", "en", "2024-03-05"},
      {"Mar 5, '24", "en", "2024-03-05"},
      {"2024 m. kovo 5 d. 10:15", "lt", "2024-03-05"},
      {"2024 m. gruodžio 31 d.", "lt", "2024-12-31"},
      {"Otrdiena, 2024. gada 5. marts", "lv", "2024-03-05"},
      {"2026. gada 11. februārī", "lv", "2026-02-11"},
      {"ngày 5 tháng 3 năm 2024", "vi", "2024-03-05"},
      {"5 Tháng Ba, 2024", "vi", "2024-03-05"},
      {"5 tháng mười hai 2024", "vi", "2024-12-05"},
      {"Thứ Ba, ngày 15 tháng 12, 2025", "vi", "2025-12-15"},
      {"2024 жылғы 5 наурыз", "kk", "2024-03-05"},
      {"5 наурыз 2024 ж.", "kk", "2024-03-05"},
      {"2024 წლის 5 მარტი", "ka", "2024-03-05"},
      {"2024 елның 5 март", "tt", "2024-03-05"},
      {"2024 թ. մարտի 5", "hy", "2024-03-05"},
      {"2026 оны 2-р сарын 11", "mn", "2026-02-11"},
      {"2026 оны хоёрдугаар сарын 11", "mn", "2026-02-11"},
      {"2024-yil 5-mart", "uz", "2024-03-05"},
      {"2024ko martxoaren 5a", "eu", "2024-03-05"},
      {"2024. március 5., kedd", "hu", "2024-03-05"},
      {"5 მარტი, 2024", "ka", "2024-03-05"},
      {"5 de març de 2024", "ca", "2024-03-05"},
      {"14 d’agost del 2024", "ca", "2024-08-14"},
      {"Pebrero 11, 2026", "fil", "2026-02-11"},
      {"ika-5 ng Marso 2024", "tl", "2024-03-05"},
      {"ה-5 במרץ 2024", "he", "2024-03-05"},
      {"ថ្ងៃទី៥ ខែមីនា ឆ្នាំ២០២៤", "km", "2024-03-05"},
      {"၂၀၂၄ ခုနှစ် မတ်လ ၅ ရက်", "my", "2024-03-05"},
      {"၁၄ သြဂုတ် ၂၀၂၄", "my", "2024-08-14"},
      {"14 ga Agusta, 2024", "ha", "2024-08-14"},
      {"14 августи 2024", "tg", "2024-08-14"},
      {"14 Agoosto 2024", "so", "2024-08-14"},
      {"1er avril 2024", "fr", "2024-04-01"},
      {"le mardi 5 mars 2024 à 10h30", "fr", "2024-03-05"},
      {"5-го марта 2024 года", "ru", "2024-03-05"},
      {"Sun Jul  6 12:56:00 CEST 2014", "en", "2014-07-06T12:56:00+02:00"},
  });
}

TEST(WrittenDate, ReadsMonthsInThePagesOwnLanguage) {
  expect_all({
      {"5. listopada 2024.", "hr", "2024-10-05"},
      {"5 listopada 2024", "pl", "2024-11-05"},
      {"5. listopadu 2024", "cs", "2024-11-05"},
      {"5. listopada 2024.", "en", "2024-10-05"},
      {"5. srpnja 2024.", "hr", "2024-07-05"},
      {"5. srpna 2024", "cs", "2024-08-05"},
      {"5 lipca 2024", "pl", "2024-07-05"},
      {"5. lipnja 2024.", "hr", "2024-06-05"},
      {"11 Şubat 2026, Çarşamba", "tr", "2026-02-11"},
      {"5 ŞUBAT 2024", "tr", "2024-02-05"},
      {"5 AĞUSTOS 2024", "tr", "2024-08-05"},
      {"5 KASIM 2024", "tr", "2024-11-05"},
      {"5. ŘÍJNA 2024", "cs", "2024-10-05"},
      {"5 ЈАНУАР 2024", "sr", "2024-01-05"},
      {"5 ΜΑΡΤΙΟΥ 2024", "el", "2024-03-05"},
      {"11 شباط/فبراير 2026", "ar", "2026-02-11"},
      {"11 تشرين الأول/أكتوبر 2026", "ar", "2026-10-11"},
      {"5 كانون الثاني 2024", "ar", "2024-01-05"},
      {"14 جويلية 2024", "ar", "2024-07-14"},
      {"14 غشت 2024", "ar", "2024-08-14"},
      {"11 ਫਰਵਰੀ 2026", "pa", "2026-02-11"},
      {"11 ਫ਼ਰਵਰੀ 2026", "pa", "2026-02-11"},
      {"11 फरवरी 2026", "hi", "2026-02-11"},
      {"5 mars 2024", "en", "2024-03-05"},
      {"5 de marzo de 2024", "en", "2024-03-05"},
      {"3. desember 2024", "no", "2024-12-03"},
  });
  EXPECT_EQ(read("5. listopada 2024", "en", "HR"), "2024-10-05");
}

// "Augusta" is August in Slovakia, and a town.
TEST(WrittenDate, AMonthOfAnotherLanguageStandsBehindItsDay) {
  expect_all({{"Augusta 12, 2024", "en", ""},
              {"12. augusta 2024", "en", "2024-08-12"},
              {"Augusta 12, 2024", "", "2024-08-12"},
              {"August 12, 2024", "de", "2024-08-12"}});
}

TEST(WrittenDate, ReadsDigitsOfEveryScript) {
  expect_all({
      {"الثلاثاء ٥ مارس ٢٠٢٤", "ar", "2024-03-05"},
      {"２０２４年３月５日", "ja", "2024-03-05"},
      {"५ मार्च २०२४", "hi", "2024-03-05"},
      {"৫ মার্চ ২০২৪", "bn", "2024-03-05"},
      {"௫ மார்ச் ௨௦௨௪", "ta", "2024-03-05"},
      {"۵ مارچ ۲۰۲۴ء", "ur", "2024-03-05"},
      {"二〇二六年二月十一日", "zh", "2026-02-11"},
      {"二零二四年十二月三十一日", "zh", "2024-12-31"},
      {"二○二四年十月廿五日", "zh", "2024-10-25"},
      {"٢٠٢٤/٠٣/٠٥", "ar", "2024-03-05"},
      {"２０２４／０３／０５", "ja", "2024-03-05"},
      {"๑๑ กุมภาพันธ์ ๒๕๖๙", "th", "2026-02-11"},
      {"'24년 3월 5일", "ko", "2024-03-05"},
      {"2024. 3. 5.", "ko", "2024-03-05"},
      {"24.03.05", "ko", "2024-03-05"},
  });
}

TEST(WrittenDate, ReadsOtherCalendars) {
  expect_all({
      {"سه‌شنبه ۱۵ اسفند ۱۴۰۲ - ۱۰:۱۵", "fa", "2024-03-05"},
      {"۱ فروردین ۱۴۰۳", "fa", "2024-03-20"},
      {"۳۰ اسفند ۱۴۰۳", "fa", "2025-03-20"},
      {"۳۰ اسفند ۱۴۰۲", "fa", ""},
      {"۲۲ بهمن‌ماه ۱۴۰۴", "fa", "2026-02-11"},
      {"1405/06/20", "fa", "2026-09-11"},
      {"1404/11/22 - 08:30", "fa", "2026-02-11"},
      {"1404/11/22 - 08:30", "en", ""},
      {"15 حوت 1402", "fa", "2024-03-05"},
      {"15 Esfand 1402", "en", "2024-03-05"},
      {"5 มีนาคม 2567 เวลา 10:15 น.", "th", "2024-03-05"},
      {"5 มี.ค. 2567", "th", "2024-03-05"},
      {"5 มี.ค. 67 09:15 น.", "th", "2024-03-05"},
      {"11/02/2569 09:30", "th", "2026-02-11"},
      {"2567-03-05T10:15:00+07:00", "th", "2024-03-05T10:15:00+07:00"},
      {"5 March 2567", "en", ""},
      {"令和6年3月5日", "ja", "2024-03-05"},
      {"令和元年5月1日", "ja", "2019-05-01"},
      {"R6.3.5", "ja", "2024-03-05"},
      {"H31/4/1", "ja", "2019-04-01"},
      {"R6.3.5", "en", ""},
      {"5 มี.ค. 67", "th", "2024-03-05"},
      {"05/03/67", "th", "2024-03-05"},
      {"平成31年4月1日", "ja", "2019-04-01"},
      {"令和六年三月五日", "ja", "2024-03-05"},
      {"113年3月5日", "zh-TW", "2024-03-05"},
      {"中華民國113年3月5日", "zh-TW", "2024-03-05"},
      {"民國一一三年三月五日", "zh-TW", "2024-03-05"},
      {"113/03/05", "zh-TW", "2024-03-05"},
      {"113/03/05", "en", ""},
  });
  EXPECT_FALSE(civil_of_persian(1402, 13, 1));
  EXPECT_FALSE(civil_of_persian(0, 1, 1));
  EXPECT_EQ(civil_of_persian(1400, 1, 1)->day, 21U);
}

TEST(CountryOfLanguage, IsThatOfTheRegionOrTheOnlyOne) {
  EXPECT_EQ(country_of_language("en-IE"), "IE");
  EXPECT_EQ(country_of_language("zh_Hant_TW"), "TW");
  EXPECT_EQ(country_of_language("HE"), "IL");
  EXPECT_EQ(country_of_language("ja"), "JP");
  for (const char* language : {"en", "es", "ar", "", "x", "zh-Hant"})
    EXPECT_EQ(country_of_language(language), "") << language;
}

TEST(WrittenDate, PutsTheDayFirstWhereTheCountryDoes) {
  EXPECT_EQ(read("05/03/2024", "en"), "2024-05-03");
  EXPECT_EQ(read("05/03/2024", "en-US"), "2024-05-03");
  EXPECT_EQ(read("05/03/2024", "en", "US"), "2024-05-03");
  EXPECT_EQ(read("05/03/2024", "en-PH"), "2024-05-03");
  for (const char* country : {"GB", "IE", "AU", "NZ", "IN", "ZA", "SG", "NG", "KE", "PK", "DE"})
    EXPECT_EQ(read("05/03/2024", "en", country), "2024-03-05") << country;
  for (const char* language : {"en-GB", "en-gb", "en_AU", "fr", "pt-BR", "vi", "ar", "id"})
    EXPECT_EQ(read("05/03/2024", language), "2024-03-05") << language;
  EXPECT_EQ(read("25/03/2024", "en"), "2024-03-25");
  EXPECT_EQ(read("03/25/2024", "fr"), "2024-03-25");
  EXPECT_EQ(country_of_host("www.lookout.co.uk"), "GB");
  EXPECT_EQ(country_of_host("lookout.ie."), "IE");
  for (const char* host : {"lookout.com", "lookout.io", "lookout.ai", "localhost", "uk", "1.2.3.4"})
    EXPECT_EQ(country_of_host(host), "") << host;
}

// Wrong dates are worse than none.
TEST(WrittenDate, LeavesNumbersOfOtherThings) {
  expect_all({
      {"11-22 08:30", "zh", ""},
      {"22.11. 08:30 Uhr", "de", ""},
      {"11/22 at 09:15", "en", ""},
      {"5 März 08:30", "de", ""},
      {"22.11. 8h30", "fr", ""},
      {"Real Decreto 14/2024, de control", "es", ""},
      {"G7 Ottawa 2024", "en", ""},
      {"Council Decision 12/2024 on dual-use goods", "en", ""},
      {"5 out of 2024 applications", "en", ""},
      {"5 out of 2024 applications", "", ""},
      {"Novela 12/2024", "cs", ""},
      {"5 Marchers 2024", "en", ""},
      {"12 September", "en", ""},
      {"Regulation (EU) 2024/1689", "en", ""},
      {"Tel. 030 22 10 24", "de", ""},
      {"Tel. 05.03.2024", "de", ""},
      {"+49 05-03-2024", "de", ""},
      {"01 02 03 04 05", "fr", ""},
      {"192.168.12.24", "en", ""},
      {"version 1.2.24", "en", ""},
      {"1.2.24.1", "en", ""},
      {"2:1 (1:0) 2024", "de", ""},
      {"6-4 3-6 7-5", "en", ""},
      {"10:15 March 2024", "en", ""},
      {"Vol. 5 March 2024", "en", ""},
      {"ISBN 12-03-2024", "en", ""},
      {"31 February 2024", "en", ""},
      {"32 March 2024", "en", ""},
      {"2024-13-01", "", ""},
      {"3 mei 12:30", "nl", ""},
      {"5 lei 2024", "ro", ""},
      {"100 000 2024", "en", ""},
      {"3.5.7", "en", ""},
      {"§ 12.3.2024", "de", ""},
      {"10.11.12 Uhr", "de", ""},
      {"kl. 10.11.12", "da", ""},
      {"22/11 20h24", "fr", ""},
      {"11月22日 08:30", "zh", ""},
      {"Nov 22 2:30 pm", "en", ""},
      {"Real Decreto-ley 4/2024, de 26 de junio", "es", ""},
      {"Lei n. 12/2024", "pt", ""},
  });
}

TEST(WrittenDate, KeepsTheTimeBesideEachDay) {
  EXPECT_EQ(read("2024-03-05T23:30:00.123Z"), "2024-03-05T23:30:00Z");
  EXPECT_EQ(read("2024-03-05T23:30:00+0545"), "2024-03-05T23:30:00+05:45");
  EXPECT_EQ(read("5 March 2024, 10.15 GMT", "en"), "2024-03-05T10:15:00Z");
  EXPECT_EQ(read("5 March 2024 1:05 p.m. EST", "en"), "2024-03-05T13:05:00-05:00");
  EXPECT_EQ(read("10:15 CET, 5 March 2024", "en"), "2024-03-05T10:15:00+01:00");
  EXPECT_EQ(read("5. März 2024, 10:15 Uhr MEZ", "de"), "2024-03-05T10:15:00+01:00");
  EXPECT_EQ(read("5 March 2024 10:15 IST", "en", "IE"), "2024-03-05T10:15:00+01:00");
  EXPECT_EQ(read("5 March 2024 10:15 IST", "en", "IN"), "2024-03-05T10:15:00+05:30");
  EXPECT_EQ(read("5 March 2024 10:15 CST", "zh", "CN"), "2024-03-05T10:15:00+08:00");
  EXPECT_EQ(read("5 March 2024 10:15 get the newsletter", "en"), "2024-03-05");
  EXPECT_EQ(read("5 March 2024 10:15 ART", "es"), "2024-03-05T10:15:00-03:00");
  EXPECT_EQ(read("5 March 2024 10:15 ET", "en"), "2024-03-05");
  EXPECT_EQ(read("5 March 2024 10:15 - 5 min read", "en"), "2024-03-05");
  const std::vector<WrittenDate> both =
      read_dates("Updated 7 March 2026, 09:00 GMT. Published 5 March 2026, 10:15 GMT");
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].text(), "2026-03-07T09:00:00Z");
  EXPECT_EQ(both[1].text(), "2026-03-05T10:15:00Z");
}

TEST(WrittenDate, SaysWhereInTheTextADayStands) {
  const std::string line = "Veröffentlicht: 5. März 2024 · Zürich";
  const std::vector<WrittenDate> found = read_dates(line);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(line.substr(found[0].begin, found[0].end - found[0].begin), "5. März 2024");
  const std::string han = "発行 二〇二六年二月十一日（水）";
  const std::vector<WrittenDate> second = read_dates(han);
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(han.substr(second[0].begin), "二〇二六年二月十一日（水）");
}

}  // namespace
}  // namespace vigie::dates
