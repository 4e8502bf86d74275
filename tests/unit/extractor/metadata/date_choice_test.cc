#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "extractor/metadata/date_labels.h"
#include "extractor/metadata/metadata.h"

namespace vigie::extractor::metadata {
namespace {

struct Found {
  std::string published;
  std::string modified;
};

Found dates_of(const std::string& page, const std::string& url = "https://harbour.example/a/1",
               const std::string& country = {}) {
  const dom::Document document = dom::parse(page);
  PageFacts facts;
  facts.url = url;
  facts.page = page;
  facts.country = country;
  facts.fetched_at_unix_ms = 1'796'000'000'000;  // 2026-11-30
  const Metadata found = read(document, facts);
  return {found.published ? found.published->text : "", found.modified ? found.modified->text : ""};
}

const std::string kProse =
    "<p>The harbour office said on Tuesday that every permit would be read again before spring, "
    "which the pilots had asked for since the first storm of the year.</p>";

std::string story(const std::string& lines, const std::string& language = "en") {
  return "<html lang=" + language + "><body><main><article><h1>Permits are read again</h1>" +
         lines + kProse + "</article></main></body></html>";
}

// A line of a change in front of the line of the publication, in twenty languages.
TEST(DateChoice, ReadsTheLabelsOfManyLanguages) {
  const struct {
    const char* language;
    const char* updated;
    const char* published;
  } kTable[] = {
      {"en", "Last updated on 7 March 2026", "First published on 5 March 2026"},
      {"de", "Stand: 07.03.2026, 09:00 Uhr", "Veröffentlicht am 05.03.2026"},
      {"fr", "Mis à jour le 7 mars 2026", "Publié le 5 mars 2026"},
      {"es", "Actualizado el 7 de marzo de 2026", "Publicado el 5 de marzo de 2026"},
      {"it", "Ultimo aggiornamento: 7 marzo 2026", "Pubblicato il 5 marzo 2026"},
      {"pt", "Atualizado em 07/03/2026", "Publicado em 05/03/2026"},
      {"nl", "Laatst bijgewerkt: 7 maart 2026", "Gepubliceerd op 5 maart 2026"},
      {"sv", "Uppdaterad 7 mars 2026", "Publicerad 5 mars 2026"},
      {"da", "Opdateret 7. marts 2026", "Publiceret 5. marts 2026"},
      {"no", "Sist oppdatert 7. mars 2026", "Publisert 5. mars 2026"},
      {"fi", "Päivitetty 7.3.2026", "Julkaistu 5.3.2026"},
      {"pl", "Aktualizacja: 7 marca 2026", "Opublikowano: 5 marca 2026"},
      {"cs", "Aktualizováno: 7. března 2026", "Publikováno: 5. března 2026"},
      {"hu", "Frissítve: 2026. március 7.", "Megjelent: 2026. március 5."},
      {"ro", "Actualizat: 7 martie 2026", "Publicat: 5 martie 2026"},
      {"el", "Τελευταία ενημέρωση: 7 Μαρτίου 2026", "Δημοσίευση: 5 Μαρτίου 2026"},
      {"ru", "Обновлено: 7 марта 2026", "Опубликовано: 5 марта 2026"},
      {"uk", "Оновлено: 7 березня 2026", "Опубліковано: 5 березня 2026"},
      {"hr", "Ažurirano: 7. ožujka 2026.", "Objavljeno: 5. ožujka 2026."},
      {"tr", "Güncelleme: 7 Mart 2026", "Yayınlanma: 5 Mart 2026"},
      {"ar", "آخر تحديث: 7 مارس 2026", "تاريخ النشر: 5 مارس 2026"},
      {"fa", "به‌روزرسانی: ۱۶ اسفند ۱۴۰۴", "تاریخ انتشار: ۱۴ اسفند ۱۴۰۴"},
      {"he", "עודכן: 7 במרץ 2026", "פורסם: 5 במרץ 2026"},
      {"hi", "अपडेटेड: 7 मार्च 2026", "प्रकाशित: 5 मार्च 2026"},
      {"id", "Diperbarui: 7 Maret 2026", "Diterbitkan: 5 Maret 2026"},
      {"vi", "Cập nhật: 07/03/2026", "Đăng ngày 05/03/2026"},
      {"th", "อัปเดต 7 มีนาคม 2569", "เผยแพร่ 5 มีนาคม 2569"},
      {"ja", "更新日：2026年3月7日", "公開日：2026年3月5日"},
      {"zh", "更新时间：2026年3月7日", "发布时间：2026年3月5日"},
      {"ko", "수정 2026.03.07 09:00", "입력 2026.03.05 10:15"},
  };
  for (const auto& row : kTable) {
    const std::string a = std::string("<p>") + row.updated + "</p>";
    const std::string b = std::string("<p>") + row.published + "</p>";
    for (const std::string& lines :
         {a + b, b + a, std::string("<p>") + row.updated + " | " + row.published + "</p>"}) {
      const Found found = dates_of(story(lines, row.language));
      EXPECT_EQ(found.published, "2026-03-05") << lines;
      EXPECT_EQ(found.modified, "2026-03-07") << lines;
    }
  }
}

TEST(DateChoice, TakesTheLineOfThePublication) {
  const std::vector<std::pair<std::string, std::string>> table = {
      // days of events
      {"<p>The rules take effect on 2 August 2024.</p><p>5 March 2024</p>", "2024-03-05"},
      {"<p>Deadline: 30 June 2025</p><p>March 5, 2024</p>", "2024-03-05"},
      {"<p>Hearing: 30 June 2025</p><p>Posted March 5, 2024</p>", "2024-03-05"},
      {"<p>Дата проведения: 12 июня 2025</p><p>5 марта 2024</p>", "2024-03-05"},
      {"<p>The summit opens 12 June 2025</p><p>5 March 2024</p>", "2024-03-05"},
      {"<p>Valid until 31.12.2025</p><p>05.03.2024</p>", "2024-03-05"},
      {"<p class=event-date>30 June 2025</p><p class=date>5 March 2024</p>", "2024-03-05"},
      {"<p>The rules take effect on 2 August 2024.</p>", ""},
      {"<p>Applications close on 2 August 2027</p>", ""},
      // labels in elements of their own
      {"<dl><dt>Updated</dt><dd>7 March 2024</dd><dt>Published</dt><dd>5 March 2024</dd></dl>",
       "2024-03-05"},
      {"<p><b>Updated:</b> 7 March 2024</p><p><b>Published:</b> 5 March 2024</p>", "2024-03-05"},
      {"<span class=updated-date>7 March 2024</span><span class=pub-date>5 March 2024</span>",
       "2024-03-05"},
      // bylines and places are no sentences
      {"<p>By Mara Holm, our correspondent in Oslo, 5 March 2024</p>", "2024-03-05"},
      {"<p>Oslo, 5 March 2024 – 10:15</p>", "2024-03-05"},
      {"<p>Posted in shipping by admin on 5 March 2024 with 12 comments</p>", "2024-03-05"},
      {"<p>Tuesday, 5 March 2024, 10.15 GMT · 4 min read</p>", "2024-03-05T10:15:00Z"},
      // a line of a change alone is better than none
      {"<p>Updated 7 March 2024</p>", "2024-03-07"},
  };
  for (const auto& [lines, day] : table) EXPECT_EQ(dates_of(story(lines)).published, day) << lines;
}

TEST(DateChoice, TakesTheTimeOfTheStory) {
  const std::string own = "<time datetime='2024-03-05T10:15:00Z'>5 March</time>";
  const std::string other = "<time datetime='2026-11-20T10:00:00Z'>10:00</time>";
  const std::string written = "<p>By Mara Holm, 5 March 2024</p>";
  const auto page = [](const std::string& before, const std::string& in,
                       const std::string& behind) {
    return "<html lang=en><body>" + before + "<main><article><h1>Permits are read again</h1>" + in +
           kProse + "</article></main>" + behind + "</body></html>";
  };
  const std::vector<std::string> before = {
      "<header><div><a href=/x>Rate decision due at noon today</a> " + other + "</div></header>",
      "<aside><h3>Latest</h3><ul><li>" + other + " <a href=/x>Strike</a></li></ul></aside>",
      "<nav>" + other + "</nav>", "<div class=top-bar>" + other + "</div>"};
  const std::vector<std::string> behind = {
      "<footer>" + other + "</footer>",
      "<aside>" + other + "<a href=/x>Another story of the day</a></aside>",
      "<section id=comments><div class=comment>" + other + "<p>Well said</p></div></section>",
      "<section class=related-stories><div>" + other + "</div></section>",
      "<article><h2><a href=/x>Another story</a></h2>" + other + "</article>"};
  for (const std::string& in : {own, written}) {
    for (const std::string& one : before)
      EXPECT_EQ(dates_of(page(one, in, "")).published.substr(0, 10), "2024-03-05") << one << in;
    for (const std::string& one : behind)
      EXPECT_EQ(dates_of(page("", in, one)).published.substr(0, 10), "2024-03-05") << one << in;
  }
  // no element calls itself the story's: the time behind the headline, else the one beside it
  const auto bare = [&](const std::string& over, const std::string& in) {
    return "<html lang=en><body><div class=strip><ul><li>" + other +
           "<a href=/x>Strike at the northern quay</a></li></ul></div>" + over +
           "<section><h1>Permits are read again</h1>" + in + "<div>" + kProse +
           "</div></section></body></html>";
  };
  EXPECT_EQ(dates_of(bare("", "<p>" + own + "</p>")).published, "2024-03-05T10:15:00Z");
  EXPECT_EQ(dates_of(bare("<div>" + own + "</div>", "")).published, "2024-03-05T10:15:00Z");
  // comments and other stories within the story's element
  EXPECT_EQ(dates_of(story(own + "<div class=comments>" + other + "</div>")).published,
            "2024-03-05T10:15:00Z");
  // a story's own foot and side are its own
  EXPECT_EQ(dates_of(story("<footer>" + own + "</footer>")).published, "2024-03-05T10:15:00Z");
  EXPECT_EQ(dates_of(story("<aside>" + own + "</aside>")).published, "2024-03-05T10:15:00Z");
  // a <time> of a change is none of the publication
  EXPECT_EQ(dates_of(story("<p>Updated <time datetime=2024-03-07>7 March</time></p><p>Published "
                           "<time datetime=2024-03-05>5 March</time></p>"))
                .published,
            "2024-03-05");
}

TEST(DateChoice, LeavesDaysToCome) {
  EXPECT_EQ(dates_of(story("<p class=date>2 August 2027</p>")).published, "");
  EXPECT_EQ(
      dates_of(story("<time datetime=2027-08-02>2 August</time><p>5 March 2026</p>")).published,
      "2026-03-05");
}

TEST(DateChoice, ReadsNumbersByTheCountryOfThePage) {
  const std::string page = story("<p class=date>05/03/2024</p>");
  EXPECT_EQ(dates_of(page).published, "2024-05-03");
  EXPECT_EQ(dates_of(page, "https://harbour.co.uk/a/1").published, "2024-03-05");
  EXPECT_EQ(dates_of(page, "https://harbour.com.au/a/1").published, "2024-03-05");
  EXPECT_EQ(dates_of(page, "https://harbour.ie/a/1").published, "2024-03-05");
  EXPECT_EQ(dates_of(page, "https://harbour.us/a/1").published, "2024-05-03");
  EXPECT_EQ(dates_of(page, "https://harbour.example/a/1", "NZ").published, "2024-03-05");
  EXPECT_EQ(dates_of(page, "https://harbour.example/a/1", "US").published, "2024-05-03");
  // en-US is what content systems say unless told otherwise
  EXPECT_EQ(dates_of("<meta property=og:locale content=en_GB>" +
                     story("<p class=date>05/03/2024</p>", "en-US"))
                .published,
            "2024-03-05");
  EXPECT_EQ(dates_of("<meta property=og:locale content=en_US>" +
                     story("<p class=date>05/03/2024</p>", "en-IN"))
                .published,
            "2024-03-05");
}

// Records of content systems outlive what an editor changed.
TEST(DateChoice, LetsMetaAndReadersOutvoteJsonLd) {
  const std::string json =
      "<script type='application/ld+json'>{\"@type\":\"NewsArticle\",\"headline\":\"Permits are "
      "read "
      "again\",\"datePublished\":\"2024-03-01T08:00:00Z\"}</script>";
  const std::string meta = "<meta property=article:published_time content=2024-03-05T08:29:34Z>";
  EXPECT_EQ(dates_of(json + meta + story("<p>5 March 2024</p>")).published, "2024-03-05T08:29:34Z");
  EXPECT_EQ(dates_of(json + meta + story("<p>1 March 2024</p>")).published, "2024-03-01T08:00:00Z");
  EXPECT_EQ(dates_of(json + meta + story("")).published, "2024-03-01T08:00:00Z");
}

TEST(DateLabels, WholeWordsNearestToTheDay) {
  EXPECT_EQ(role_of("Published 5 March, updated ", ""), DateRole::kModified);
  EXPECT_EQ(role_of("Updated twice. Published on ", ""), DateRole::kPublished);
  EXPECT_EQ(role_of("Publishedness ", ""), DateRole::kNone);
  EXPECT_EQ(role_of("Mara Holm, Standorf ", ""), DateRole::kNone);
  EXPECT_EQ(role_of("", " 更新"), DateRole::kModified);
  EXPECT_EQ(role_of("", " 公開"), DateRole::kPublished);
  EXPECT_EQ(role_of("", ""), DateRole::kNone);
}

}  // namespace
}  // namespace vigie::extractor::metadata
