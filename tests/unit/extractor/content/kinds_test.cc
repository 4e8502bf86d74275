// What pages of the wild do with paragraphs: lists of terms, rows, line breaks, posts, walls.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "extractor/content/content.h"

namespace vigie::extractor::content {
namespace {

const std::string kOne =
    "The ferry between the two islands will stop in winter, the company said, and nobody was told.";
const std::string kTwo =
    "Some forty families live on the smaller island, a number that has halved since the school "
    "shut.";
const std::string kThree =
    "A bridge was promised twice, by two governments, and the drawings are kept in a cellar.";

std::string p(const std::string& text) { return "<p>" + text + "</p>"; }

MainText read_page(const std::string& body, const std::string& title = {}) {
  const std::string page = "<body>" + body;  // the tree is of views into it
  const dom::Document document = dom::parse(page);
  return find_main_text(document, {title, {}, {}});
}

std::string text_of(const std::string& body) { return read_page(body).text(); }

std::string story(const std::string& inside) {
  return "<article>" + p(kOne) + p(kTwo) + inside + p(kThree) + "</article>";
}

std::string story_text(const std::string& inside) {
  return kOne + "\n\n" + kTwo + "\n\n" + (inside.empty() ? "" : inside + "\n\n") + kThree;
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

struct Case {
  const char* what;
  std::string page;
  std::vector<std::string> has;
  std::vector<std::string> lacks;
};

void check(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    const std::string text = text_of(one.page);
    for (const std::string& part : one.has)
      EXPECT_TRUE(holds(text, part)) << one.what << ": no " << part << "\n" << text;
    for (const std::string& part : one.lacks)
      EXPECT_FALSE(holds(text, part)) << one.what << ": " << part << "\n" << text;
  }
}

TEST(Kinds, KeepsTermsAndRowHeadsWithWhatTheySayOf) {
  const std::string cell =
      "Every ship pays by the metre, and those that carry mail pay half of it from May onwards.";
  check({
      {"a term",
       story("<dl><dt>Slip</dt><dd>" + cell + "</dd><dt>Pier</dt><dd>" + cell.substr(6) +
             "</dd></dl>"),
       {"Slip", "Pier", cell},
       {}},
      {"two terms of one definition",
       story("<dl><dt>Slip</dt><dt>Ramp</dt><dd>" + cell + "</dd></dl>"),
       {"Slip", "Ramp"},
       {}},
      {"a group in a div",
       story("<dl><div><dt>Slip</dt><dd>" + cell + "</dd></div></dl>"),
       {"Slip"},
       {}},
      {"a head of a row",
       story("<table><tr><th>Fees</th><td>" + cell + "</td></tr></table>"),
       {"Fees"},
       {}},
      {"heads of columns",
       story("<table><thead><tr><th>What</th><th>Rule</th></tr></thead><tr><th>Fees</th><td>" +
             cell + "</td></tr></table>"),
       {"What", "Rule", "Fees"},
       {}},
      {"a first cell in bold",
       story("<table><tr><td><b>Gebühr</b></td><td>" + cell + "</td></tr></table>"),
       {"Gebühr"},
       {}},
      {"a cell of links beside a story",
       "<table><tr><td><a href=1>One</a><br><a href=2>Two</a></td><td>" + p(kOne) + p(kTwo) +
           p(kThree) + "</td></tr></table>",
       {kOne, kThree},
       {"Two"}},
  });
}

TEST(Kinds, KeepsSubheadsBetweenLineBreaks) {
  check({
      {"bold",
       "<div>" + kOne + "<br><br><b>The school</b><br><br>" + kTwo + "<br><br>" + kThree + "</div>",
       {"\n\nThe school\n\n"},
       {}},
      {"strong and one line break",
       "<div>" + kOne + "<br><strong>The school</strong><br>" + kTwo + "<br><br>" + kThree +
           "</div>",
       {"\n\nThe school\n\n"},
       {}},
      {"bold by its style",
       "<div>" + kOne + "<br><span style=\"font-weight: 700\">The school</span><br>" + kTwo +
           "<br><br>" + kThree + "</div>",
       {"\n\nThe school\n\n"},
       {}},
      {"a question",
       "<p>" + kOne + "<br><br><b>Why winter?</b><br><br>" + kTwo + "</p>",
       {"Why winter?"},
       {}},
      {"Chinese",
       "<div>" + kOne + "<br><br><b>为什么停航</b><br><br>" + kTwo + "</div>",
       {"为什么停航"},
       {}},
      {"bold words of a sentence are no subhead",
       "<div>" + kOne +
           "<br><br>It was <b>the school</b> that shut, they say, and they mean it "
           "so.<br><br>" +
           kTwo + "</div>",
       {"It was the school that shut"},
       {}},
  });
}

TEST(Kinds, KeepsPostsAsQuotations) {
  const std::string post = "No ferry after the first of November. We are sorry.";
  check({
      {"a quotation",
       story("<blockquote class=twitter-tweet><p>" + post +
             "</p>&mdash; Ferry Company (@ferry) <a href=/x>May 5, 2024</a></blockquote>"),
       {post, "Ferry Company (@ferry)"},
       {}},
      {"of another network",
       story("<blockquote class=bluesky-embed><p>" + post +
             "</p>&mdash; Ferry Company</blockquote>"),
       {post},
       {}},
      {"in a figure",
       story("<figure class=wp-block-embed><blockquote class=twitter-tweet><p>" + post +
             "</p></blockquote></figure>"),
       {post},
       {}},
      {"in a link",
       story("<div class=tweet><a href=/x><div class=head>Ferry Company</div>" + post +
             "</a></div>"),
       {post},
       {}},
      {"what says that a post is to be seen elsewhere",
       story(
           "<blockquote class=instagram-media><a href=/x>View this post on Instagram</a><p>A post "
           "shared by Ferry Company (@ferry)</p></blockquote>"),
       {},
       {"View this post", "A post shared"}},
      {"at the end of the story",
       "<article>" + p(kOne) + p(kTwo) + p(kThree) + "<blockquote class=twitter-tweet><p>" + post +
           "</p></blockquote></article>",
       {post},
       {}},
      {"at its beginning",
       "<article><h1>Ferry</h1><blockquote class=twitter-tweet><p>" + post + "</p></blockquote>" +
           p(kOne) + p(kTwo) + p(kThree) + "</article>",
       {post},
       {}},
      {"posts of the page's own foot",
       "<article>" + p(kOne) + p(kTwo) + p(kThree) +
           "</article><div><blockquote class=twitter-tweet>" + p(post) + "</blockquote></div>",
       {kThree},
       {post}},
  });
  const MainText text =
      read_page(story("<blockquote class=twitter-tweet><p>" + post + "</p></blockquote>"));
  ASSERT_EQ(text.paragraphs.size(), 4U);
  EXPECT_EQ(text.parts[2].kind, PartKind::kQuote);
}

TEST(Kinds, KeepsASentenceThatIsOneLink) {
  const std::string sentence =
      "The report of the harbour office, written in spring, counts eleven boats that lie in mud.";
  check({
      {"between paragraphs", story("<p><a href=/r>" + sentence + "</a></p>"), {sentence}, {}},
      {"two of them",
       "<article>" + p(kOne) + "<p><a href=/r>" + sentence + "</a></p>" + p(kTwo) +
           "<p><a href=/s>" + sentence.substr(4) + "</a></p>" + p(kThree) + "</article>",
       {sentence},
       {}},
      {"two, one after the other",
       story("<p><a href=/r>" + sentence + "</a></p><p><b><a href=/s>" + sentence.substr(4) +
             "</a></b></p>"),
       {sentence, "\n\n" + sentence.substr(4)},
       {}},
      {"a headline of another story is none",
       story("<p><a href=/r>Harbour office counts eleven boats that lie in the mud of the "
             "bay</a></p>"),
       {},
       {"counts eleven"}},
      {"a request is none",
       story("<p><a href=/r>Read more about the harbour office and the boats that lie in "
             "mud.</a></p>"),
       {},
       {"Read more"}},
  });
}

TEST(Kinds, LeavesOutControls) {
  check({
      {"buttons",
       story("<button>Copy link to clipboard</button><label>Choose a size</label>"),
       {kTwo},
       {"Copy link", "Choose a size"}},
      {"gauges",
       story("<p>Water <meter value=2>two of ten parts</meter> is left, they say, now and "
             "then, <progress value=1>a tenth</progress> of it.</p>"),
       {"Water is left"},
       {"two of ten", "a tenth"}},
      {"within a paragraph",
       "<article><p>" + kOne + " <button>Copy this</button></p>" + p(kTwo) + p(kThree) +
           "</article>",
       {kOne},
       {"Copy this"}},
      {"by role",
       story("<div><span role=button>Listen to this story now</span></div>"),
       {kTwo},
       {"Listen to"}},
      {"a heading that folds out is a heading",
       story("<h3><button>What comes next</button></h3>" + p(kOne.substr(4))),
       {"What comes next"},
       {}},
      {"a label around a story is no label",
       "<article><label>" + p(kOne) + p(kTwo) + p(kThree) + "</label></article>",
       {kOne, kThree},
       {}},
  });
}

TEST(Kinds, PartsWordsOfElementsThatStandOnTheirOwnLines) {
  for (const char* style : {"display:block", "color:red; DISPLAY : flex", "display:table"}) {
    const std::string text =
        text_of(story("<div><span style=\"" + std::string(style) +
                      "\">Decision of the fourth of March</span><span style=\"" + style +
                      "\">Place of it: the larger island</span></div>"));
    EXPECT_TRUE(holds(text, "March Place")) << text;
  }
  EXPECT_TRUE(holds(text_of(story("<p>The dig<span style=\"display:inline\">ital</span> map is "
                                  "wrong, the company says, and was so from the start.</p>")),
                    "digital"));
}

TEST(Kinds, JoinsHanAndKanaWithoutSpacesAndReadsTheirLineBreaks) {
  const std::string one = "渡轮公司周二宣布，冬季将停止两岛之间的航班。";
  const std::string two = "小岛上住着大约四十户人家，自从学校关闭后人数减少了一半。";
  const std::string three = "政府曾两次承诺修建一座大桥，但图纸至今仍存放在地下室里。";
  EXPECT_EQ(text_of("<div>" + one + "<br>" + two + "<br>" + three + "</div>"),
            one + "\n\n" + two + "\n\n" + three);
  EXPECT_EQ(text_of("<div>　　" + one + "<br/>　　" + two + "<br/>\n　　" + three + "</div>"),
            one + "\n\n" + two + "\n\n" + three);
  EXPECT_EQ(
      text_of("<div>" + one + "<br>&emsp;&emsp;" + two + "<br>&#12288;&#12288;" + three + "</div>"),
      one + "\n\n" + two + "\n\n" + three);
  EXPECT_EQ(
      text_of("<p>渡轮公司周二宣布，\n冬季将停止\n  两岛之间的航班。</p>" + p(two) + p(three)),
      one + "\n\n" + two + "\n\n" + three);
  EXPECT_EQ(text_of("<p>渡轮公司周二宣布，<br>冬季将停止两岛之间的航班。</p>" + p(two) + p(three)),
            one + "\n\n" + two + "\n\n" + three);
  // Japanese, and words of Latin letters that keep their blank
  EXPECT_EQ(text_of("<p>"
                    "フェリー会社は火曜日、\n冬の間は運休すると\n発表した。AI\ncompanyと政府の協議"
                    "は\n続く。</p>" +
                    p(two) + p(three)),
            "フェリー会社は火曜日、冬の間は運休すると発表した。AI companyと政府の協議は続く。\n\n" +
                two + "\n\n" + three);
  // Korean keeps its blanks
  EXPECT_TRUE(holds(
      text_of("<p>여객선 회사는 화요일\n겨울 동안 두 섬 사이의 운항을 중단한다고 밝혔다.</p>" +
              p(two) + p(three)),
      "화요일 겨울"));
  // an indent behind a line break parts paragraphs of any script
  EXPECT_EQ(text_of("<div>" + kOne + "<br>&nbsp;&nbsp;&nbsp;" + kTwo + "<br>&nbsp;&nbsp;&nbsp;" +
                    kThree + "</div>"),
            kOne + "\n\n" + kTwo + "\n\n" + kThree);
  // a line break within a sentence does not
  EXPECT_TRUE(holds(
      text_of("<p>" + kOne.substr(0, 33) + "<br>" + kOne.substr(34) + "</p>" + p(kTwo)), kOne));
}

TEST(Kinds, TakesInvisibleCharactersOut) {
  EXPECT_TRUE(holds(text_of(story(p("Die Fähr&shy;gesell&shy;schaft und Data&#8203;watch und "
                                    "Ship\u2060Works schweigen, wie immer, im Winter."))),
                    "Die Fährgesellschaft und Datawatch und ShipWorks schweigen"));
  EXPECT_TRUE(holds(text_of(story(p("شرکت کشتیرانی می\u200Cگوید که در زمستان کار نمی\u200Cکند، و "
                                    "هیچ\u200Cکس خبر نداشت."))),
                    "می\u200Cگوید"));
  const MainText text =
      read_page(story("<p>The com&shy;pany said so in <a href=/l>a let&shy;ter to "
                      "all</a> that came, too late, in October.</p>"));
  ASSERT_EQ(text.parts[2].links.size(), 1U);
  EXPECT_EQ(text.paragraphs[2].substr(text.parts[2].links[0].offset, text.parts[2].links[0].length),
            "a letter to all");
}

struct Wall {
  const char* language;
  const char* asks;
  const char* goes_on;
};

// What walls in front of pages say, in the words of the law.
const std::vector<Wall> kWalls = {
    {"en", "We and our 99 partners store and access information on a device, such as cookies.",
     "Some partners do not ask for your consent and rely on their legitimate interest instead."},
    {"en", "We use cookies to make this site work, to count visits and to show what you may like.",
     "You can change your preferences at any time in our privacy policy; personal data may be "
     "sent."},
    {"de", "Wir und unsere 99 Partner speichern Cookies auf Ihrem Gerät und lesen sie wieder aus.",
     "Einige Partner berufen sich auf ein berechtigtes Interesse; Ihre Einwilligung ist "
     "freiwillig."},
    {"fr",
     "Nous et nos 99 partenaires déposons des cookies sur votre appareil pour mesurer l'audience.",
     "Certains invoquent un intérêt légitime; vous pouvez retirer votre consentement à tout "
     "moment."},
    {"es",
     "Nosotros y nuestros 99 socios guardamos cookies en su dispositivo para medir las visitas.",
     "Algunos alegan un interés legítimo; puede retirar su consentimiento cuando quiera, aquí."},
    {"it",
     "Noi e i nostri 99 partner archiviamo cookie sul tuo dispositivo per misurare le visite.",
     "Alcuni si basano su un legittimo interesse; puoi revocare il tuo consenso in ogni momento."},
    {"pt", "Nós e os nossos 99 parceiros guardamos cookies no seu dispositivo para medir visitas.",
     "Alguns invocam um interesse legítimo; pode retirar o seu consentimento a qualquer momento."},
    {"nl", "Wij en onze 99 partners plaatsen cookies op uw apparaat om bezoek te kunnen meten.",
     "Sommige beroepen zich op een gerechtvaardigd belang; uw toestemming kunt u altijd "
     "intrekken."},
    {"pl",
     "My i nasi partnerzy (99) zapisujemy pliki cookie na urządzeniu, aby mierzyć odwiedziny.",
     "Niektórzy powołują się na uzasadniony interes; zgodę można wycofać, to są dane osobowe."},
    {"sv", "Vi och våra partner (99) lagrar cookies på din enhet för att mäta hur sidan används.",
     "Några hänvisar till ett berättigat intresse; ditt samtycke kan du när som helst ta "
     "tillbaka."},
    {"da",
     "Vi og vores partnere (99) gemmer cookies på din enhed for at måle, hvordan siden bruges.",
     "Nogle henviser til en legitim interesse; dit samtykke kan du altid trække tilbage igen."},
    {"cs", "My a naši partneři ukládáme soubory cookie ve vašem zařízení, abychom měřili návštěvy.",
     "Někteří se odvolávají na oprávněný zájem; váš souhlas můžete kdykoli odvolat, osobní údaje."},
    {"ru",
     "Мы и наши партнёры (99) сохраняем файлы cookie на вашем устройстве, чтобы считать визиты.",
     "Некоторые ссылаются на законный интерес; ваше согласие можно отозвать в любое время."},
    {"tr", "Biz ve ortaklarımız (99) ziyaretleri ölçmek için cihazınızda çerezler saklıyoruz.",
     "Bazıları meşru menfaate dayanır; kişisel verileriniz için onayınızı geri alabilirsiniz."},
    {"ja",
     "私たちとパートナー99社は、訪問を測定するためにお使いの端末にCookieを保存し、読み取ります。",
     "一部のパートナーは正当な利益に基づきます。個人データの同意はいつでも撤回できます。"},
    {"zh", "我们和我们的99个合作伙伴会在您的设备上存储并读取Cookie，以便统计访问量并展示广告内容。",
     "部分合作伙伴依据合法利益处理个人数据；您的同意可以随时撤回，选择会告知所有伙伴。"},
};

TEST(Kinds, NeverTakesAWallOfConsentForTheStory) {
  for (const Wall& wall : kWalls) {
    const std::string text = text_of(
        "<div id=a7><div>" + p(wall.asks) + p(wall.goes_on) + p(wall.goes_on + std::string(" ")) +
        "</div></div><div class=k><h1>No ferry in winter</h1>" + p(kOne) + p(kTwo) + "</div>");
    EXPECT_EQ(text, kOne + "\n\n" + kTwo) << wall.language << ": " << wall.asks;
  }
}

TEST(Kinds, KeepsStoriesThatSpeakOfConsent) {
  for (const Wall& wall : kWalls) {
    // a story that quotes a wall
    const std::string quoting = text_of("<article><h1>Cookies</h1>" + p(kOne) + p(wall.asks) +
                                        p(kTwo) + p(kThree) + "</article>");
    EXPECT_TRUE(holds(quoting, wall.asks)) << wall.language;
    // a page that has nothing else
    const std::string alone = text_of("<div>" + p(wall.asks) + p(wall.goes_on) + "</div>");
    EXPECT_TRUE(holds(alone, wall.asks)) << wall.language;
  }
}

TEST(Kinds, ReadsParagraphStylesOfAWordProcessorAsNoNames) {
  for (const char* name : {"MsoFooter", "MsoHeader", "MsoCaption", "MsoNormal MsoFooter"})
    EXPECT_EQ(text_of(story("<p class=\"" + std::string(name) + "\">" + kOne.substr(4) + "</p>")),
              story_text(kOne.substr(4)))
        << name;
}

// What readers share is no text; what firms sell is.
TEST(Kinds, ReadsSharesOfFirmsAsText) {
  EXPECT_EQ(text_of(story("<p class=share-price-text>" + kOne.substr(4) + "</p>")),
            story_text(kOne.substr(4)));
  EXPECT_EQ(text_of(story("<div class=shareholder-news>" + p(kOne.substr(4)) + "</div>")),
            story_text(kOne.substr(4)));
  EXPECT_FALSE(
      holds(text_of(story("<div class=share-links><p>Pass this on to those who sail with us.</p>"
                          "</div>")),
            "Pass this on"));
}

TEST(Kinds, ReadsWidgetsOfEditorsAsBlocks) {
  for (const char* name : {"elementor-element elementor-widget elementor-widget-text-editor",
                           "ck-widget ck-widget row"})
    EXPECT_EQ(
        text_of(story("<div class=\"" + std::string(name) + "\">" + p(kOne.substr(4)) + "</div>")),
        story_text(kOne.substr(4)))
        << name;
  // what the kind of a widget says counts
  EXPECT_EQ(text_of(story("<div class=\"elementor-widget elementor-widget-share-buttons\"><p>" +
                          kOne.substr(4) + "</p></div>")),
            story_text(""));
}

// An element of an advertisement that nobody closed holds the rest of the story.
TEST(Kinds, GoesOnBehindAnAdvertisementThatIsNotClosed) {
  const std::string open = "<div class=ad-container><div id=slot-7></div>";
  const std::string text =
      text_of("<html><body><article><h1>The ferry</h1><div class=text>" + p(kOne) + p(kTwo) + open +
              p(kThree) + p(kOne.substr(4)) + open + p(kTwo.substr(4)) + "</body></html>");
  for (const std::string& sentence : {kOne, kTwo, kThree, kOne.substr(4), kTwo.substr(4)})
    EXPECT_TRUE(holds(text, sentence)) << sentence;
  // one that is closed and holds what advertisements hold is none of it
  const std::string sold =
      text_of(story("<div class=ad-container><p>Our new coats keep you dry.</p></div>"));
  EXPECT_FALSE(holds(sold, "new coats"));
}

}  // namespace
}  // namespace vigie::extractor::content
