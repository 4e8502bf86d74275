#include "extractor/metadata/authors.h"

#include <gtest/gtest.h>

namespace vigie::extractor::metadata {
namespace {

using Names = std::vector<std::string>;

struct Row {
  const char* claim;
  Names names;
};

void expect_all(AuthorForm form, const std::vector<Row>& rows, std::string_view language = {}) {
  for (const Row& row : rows)
    EXPECT_EQ(clean_authors({row.claim}, "The Lookout", form, language), row.names) << row.claim;
}

TEST(CleanAuthors, APersonIsOneName) {
  expect_all(AuthorForm::kPerson,
             {
                 {"José Olmedo y Gascón", {"José Olmedo y Gascón"}},
                 {"Antoni Casals i Cornet", {"Antoni Casals i Cornet"}},
                 {"Maria Teixeira e Sousa", {"Maria Teixeira e Sousa"}},
                 {"Karla von und zu Liebenfels", {"Karla von und zu Liebenfels"}},
                 {"Di Zhang", {"Di Zhang"}},
                 {"De Chen", {"De Chen"}},
                 {"Von Kessel, Anna", {"Anna Von Kessel"}},
                 {"Lindqvist, Mara", {"Mara Lindqvist"}},
                 {"Mara Lindqvist, PhD", {"Mara Lindqvist"}},
                 {"Mara Lindqvist PhD", {"Mara Lindqvist"}},
                 {"Mara Lindqvist, Berlin", {"Mara Lindqvist"}},
                 {"Mara Lindqvist / dpa", {"Mara Lindqvist"}},
                 {"By Mara Lindqvist", {"Mara Lindqvist"}},
                 {"Mara Lindqvist and Jo Roe", {"Mara Lindqvist", "Jo Roe"}},
                 {"Mara Lindqvist, Jo Roe", {"Mara Lindqvist", "Jo Roe"}},
                 {"Hamdan bin Salim bin Nasser Al Qamari Jr",
                  {"Hamdan bin Salim bin Nasser Al Qamari Jr"}},
                 {"Ursula van der Meer", {"Ursula van der Meer"}},
                 {"Edwin Staffler", {"Edwin Staffler"}},
                 {"Jane O'Hara-Smith", {"Jane O'Hara-Smith"}},
                 {"Mary Posts-Baker", {"Mary Posts-Baker"}},
                 {"By Hansen", {"By Hansen"}},
                 {"By: Hansen", {"Hansen"}},
             });
}

TEST(CleanAuthors, AParticleBehindByIsOfTheName) {
  expect_all(AuthorForm::kByline, {{"By De Wei", {"De Wei"}},
                                   {"Written by Di Zhang", {"Di Zhang"}},
                                   {"Text: Von Mara Holm", {"Mara Holm"}},
                                   {"Reportage de Mara Holm", {"Mara Holm"}},
                                   {"Текст: Анна Петрова. Фото: Иван Сидоров", {"Анна Петрова"}}});
}

TEST(CleanAuthors, ReferencesThatWereWrittenTwiceAreRead) {
  expect_all(AuthorForm::kList,
             {{"Anna&nbsp;Lind<br />", {"Anna Lind"}}, {"Se&aacute;n Roe", {"Seán Roe"}}});
}

TEST(CleanAuthors, StopsAtWholeWordsAlone) {
  for (const char* name :
       {"Amina Sharewell", "Olle Reuterskog", "Clara Staffler Swann", "Lotte Teamann",
        "Edith Editorius", "Pia Postsen", "Otto Commentz", "Ada Adminska", "Nora Newsroomer",
        "Paul Printz", "Jan Bild", "Lia Foto", "Tom Wire", "Sue Print"}) {
    EXPECT_EQ(clean_authors({name}, ""), (Names{name}));
    EXPECT_EQ(clean_authors({std::string("By ") + name}, ""), (Names{name}));
  }
  for (const char* nobody :
       {"Staff", "News Team", "Lookout Staff", "Reuters", "Thomson Reuters", "Editorial Board",
        "Share", "Follow us", "Associated Press", "dpa", "Forget Password?", "Name", "Read more",
        "Executive Content Editor", "Letters to the Editor", "Posted: today", "Online-Redaktion",
        "Deutsche Presse-Agentur", "Anadolu Ajansı"})
    EXPECT_EQ(clean_authors({nobody}, ""), Names{}) << nobody;
}

TEST(CleanAuthors, ReadsBylinesOfManyLanguages) {
  expect_all(AuthorForm::kByline,
             {
                 {"By Mara Lindqvist in Taipei", {"Mara Lindqvist"}},
                 {"By Mara Lindqvist and Jo Roe in New York", {"Mara Lindqvist", "Jo Roe"}},
                 {"By Mara Lindqvist. Photographs by Ann Other", {"Mara Lindqvist"}},
                 {"Words by Mara Lindqvist, photos: Ann Other", {"Mara Lindqvist"}},
                 {"Mara Lindqvist, Asia correspondent", {"Mara Lindqvist"}},
                 {"Mara Lindqvist Senior Political Reporter", {"Mara Lindqvist"}},
                 {"Von Anna Müller, Berlin", {"Anna Müller"}},
                 {"Von Anna Müller und Jan Weiß, Fotos: Otto Bild", {"Anna Müller", "Jan Weiß"}},
                 {"Ein Gastbeitrag von Anna Müller", {"Anna Müller"}},
                 {"Por José Olmedo y Gascón", {"José Olmedo y Gascón"}},
                 {"Por Ana Ruiz y Pedro Gil", {"Ana Ruiz", "Pedro Gil"}},
                 {"Par Jeanne Dupont et Luc Martin", {"Jeanne Dupont", "Luc Martin"}},
                 {"Propos recueillis par Jeanne Dupont", {"Jeanne Dupont"}},
                 {"Di Marco Rossi", {"Marco Rossi"}},
                 {"A cura di Marco Rossi", {"Marco Rossi"}},
                 {"Door Jan Smit en Piet Vos", {"Jan Smit", "Piet Vos"}},
                 {"Автор: Иван Петров", {"Иван Петров"}},
                 {"Иван Петров, корреспондент", {"Иван Петров"}},
                 {"Autor: Jan Nowak, fot. Ewa Inna", {"Jan Nowak"}},
                 {"Penulis: Budi Santoso", {"Budi Santoso"}},
                 {"Yazan: Ayşe Demir", {"Ayşe Demir"}},
                 {"Mara Lindqvist | mara@lookout.example", {"Mara Lindqvist"}},
                 {"Mara Lindqvist reports from Taipei", {"Mara Lindqvist"}},
                 {"Reporter Mara Lindqvist", {"Mara Lindqvist"}},
                 {"Von unserem Korrespondenten Jan Weiß, Wien", {"Jan Weiß"}},
                 {"Anna Müller (Text) und Jan Weiß (Fotos)", {"Anna Müller"}},
                 {"Mara Lindqvist @mara", {"Mara Lindqvist"}},
                 {"Mara Lindqvist - Reuters", {"Mara Lindqvist"}},
                 {"By Mara Lindqvist for The Lookout", {"Mara Lindqvist"}},
                 {"<a href=\"/m\">Mara Lindqvist</a>", {"Mara Lindqvist"}},
             });
}

TEST(CleanAuthors, TurnsCitedNames) {
  expect_all(AuthorForm::kCited,
             {{"Lindqvist, Mara", {"Mara Lindqvist"}},
              {"Van der Meer, Ursula", {"Ursula Van der Meer"}},
              {"Garcia Lopez, Ana", {"Ana Garcia Lopez"}},
              {"Mara Lindqvist", {"Mara Lindqvist"}},
              {"Lindqvist, Mara; Okafor, Chidi", {"Mara Lindqvist", "Chidi Okafor"}}});
}

TEST(CleanAuthors, LeavesOutPlacesBehindACommaAndFullStops) {
  expect_all(AuthorForm::kByline, {{"Por Lucía Ferrándiz y Óscar de la Riva, en Bruselas",
                                    {"Lucía Ferrándiz", "Óscar de la Riva"}},
                                   {"By Mara Holm, in Taipei", {"Mara Holm"}},
                                   {"Автор: Анна Ветрова. Фото: Иван Лужин", {"Анна Ветрова"}},
                                   {"Анна В.", {"Анна В."}},
                                   {"Jens Åkesson Ö.", {"Jens Åkesson Ö."}},
                                   {"By Mara Holm, In Sook Kim", {"Mara Holm", "In Sook Kim"}}});
}

TEST(CleanAuthors, ReadsChineseJapaneseAndKorean) {
  expect_all(AuthorForm::kByline, {{"作者：张伟　编辑：李娜", {"张伟"}},
                                   {"本报记者 李明", {"李明"}},
                                   {"本报驻华盛顿记者李明", {"李明"}},
                                   {"記者王小明／台北報導", {"王小明"}},
                                   {"【灯塔報╱記者王小明／台北報導】", {"王小明"}},
                                   {"文／陳美玲 攝影／林大同", {"陳美玲"}},
                                   {"责任编辑：李娜", {}},
                                   {"来源：灯塔新闻网", {}},
                                   {"记者 张伟 李娜 北京报道", {"张伟", "李娜"}},
                                   {"撰文：张伟、李娜", {"张伟", "李娜"}},
                                   {"文丨记者 张伟 编辑丨李娜", {"张伟"}},
                                   {"글 김민수 사진 이영희", {"김민수"}},
                                   {"김민수 기자", {"김민수"}},
                                   {"[서울=등대] 김민수 특파원 =", {"김민수"}},
                                   {"김민수·이영희 기자 = 부산", {"김민수", "이영희"}},
                                   {"김민수 선임기자, 이영희 기자", {"김민수", "이영희"}}});
  expect_all(AuthorForm::kByline,
             {{"田中 太郎", {"田中 太郎"}},
              {"文・田中太郎", {"田中太郎"}},
              {"田中太郎記者", {"田中太郎"}},
              {"取材・文／田中 太郎", {"田中 太郎"}},
              {"田中太郎（経済部）", {"田中太郎"}},
              {"東京＝田中太郎", {"田中太郎"}},
              {"論説委員　田中太郎", {"田中太郎"}},
              {"編集委員・田中太郎", {"田中太郎"}},
              {"編集・田中太郎", {}},
              {"編集部", {}}},
             "ja");
}

TEST(OrganisationsBeside, KeepsWhatIsAnOrganisationAndNoDesk) {
  const Names persons{"Mara Lindqvist"};
  EXPECT_EQ(organisations_beside(persons, {"Harbour Institute"}, {}, ""),
            (Names{"Harbour Institute"}));
  EXPECT_EQ(organisations_beside(persons, {}, {"Mara Lindqvist", "AFP"}, ""), (Names{"AFP"}));
  EXPECT_EQ(organisations_beside(persons, {}, {"The Lookout", "Berlin"}, "The Lookout"),
            (Names{"The Lookout"}));
  EXPECT_EQ(organisations_beside(persons, {"Newsroom", "MARA LINDQVIST"}, {"Staff"}, ""), Names{});
}

TEST(AgenciesIn, TakesLinesThatNameNobodyElse) {
  EXPECT_EQ(agencies_in({"Von AFP"}), (Names{"AFP"}));
  EXPECT_EQ(agencies_in({"Par Agence France-Presse", "Reuters"}),
            (Names{"Agence France-Presse", "Reuters"}));
  EXPECT_EQ(agencies_in({"Mara Lindqvist, AFP", "Share", "By Staff"}), Names{});
}

}  // namespace
}  // namespace vigie::extractor::metadata
