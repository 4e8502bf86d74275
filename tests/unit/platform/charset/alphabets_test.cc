// libs: platform/charset icu
// Which encoding of one byte a character a body is in is told by the letters of the languages.
#include "platform/charset/alphabets.h"

#include <gtest/gtest.h>
#include <unicode/ucnv.h>
#include <unicode/unistr.h>

#include <array>
#include <string>
#include <vector>

#include "platform/charset/charset.h"

namespace vigie::charset {
namespace {

struct Sentences {
  const char* encoding;  // ICU's
  const char* language;
  const char* text;
};

// Two sentences each, as a short page has them.
constexpr std::array kSentences = std::to_array<Sentences>({
    {"windows-1257", "lt",
     "Ministerija siūlo, kad įmonės kas ketvirtį praneštų, kiek skaičiavimo galios jos nuomojasi. "
     "Seimas pasiūlymą svarstys rudenį, iki tol mažoms bendrovėms niekas nesikeičia."},
    {"ISO-8859-13", "lt",
     "Uoste konteineriai bus atidaromi po vieną, kol muitinė gaus naujų skenerių. Eilė nuo "
     "pirmadienio sutrumpėjo trečdaliu, sakė terminalo atstovė."},
    {"windows-1257", "lv",
     "Ministrija vēlas, lai uzņēmumi reizi ceturksnī ziņotu par nomāto skaitļošanas jaudu. Saeima "
     "priekšlikumu skatīs rudenī, un līdz tam mazajām firmām nekas nemainās."},
    {"windows-1257", "et",
     "Ministeerium tahab, et ettevõtted teataksid kord kvartalis, kui palju arvutusvõimsust nad "
     "rendivad. Riigikogu arutab eelnõu sügisel, väikeste firmade jaoks ei muutu seni midagi."},
    {"windows-874", "th",
     "กระทรวงต้องการให้บริษัทรายงานกำลังประมวลผลที่เช่า "
     "รัฐสภาจะพิจารณาร่างนี้ในฤดูใบไม้ร่วง"},
    {"windows-1250", "ro",
     "Ministerul vrea ca firmele să declare trimestrial puterea de calcul închiriată. Parlamentul "
     "va "
     "discuta proiectul la toamnă, iar până atunci nimic nu se schimbă pentru firmele mici şi "
     "mijlocii din această ţară."},
    {"windows-1250", "pl",
     "Urząd chce, by firmy co kwartał zgłaszały, ile mocy obliczeniowej wynajmują. Sejm zajmie się "
     "projektem jesienią, do tego czasu dla małych spółek nic się nie zmieni."},
    {"ISO-8859-2", "cs",
     "Úřad chce, aby firmy každé čtvrtletí hlásily, kolik výpočetního výkonu si pronajímají. "
     "Sněmovna návrh projedná na podzim, do té doby se pro malé podniky nic nezmění."},
    {"windows-1250", "hu",
     "A hivatal azt akarja, hogy a cégek negyedévente jelentsék, mennyi gépidőt bérelnek. A "
     "parlament ősszel tárgyalja a javaslatot, addig a kisebb cégeknél semmi sem változik."},
    {"windows-1250", "hr",
     "Ured želi da tvrtke svakog tromjesečja prijavljuju koliko računalne snage unajmljuju. Sabor "
     "će "
     "o prijedlogu raspravljati na jesen, a dotad se za male tvrtke ništa neće mijenjati."},
    {"windows-1254", "tr",
     "Bakanlık, şirketlerin kiraladıkları işlem gücünü üç ayda bir bildirmesini istiyor. Meclis "
     "öneriyi sonbaharda görüşecek, küçük şirketler için bir şey değişmeyecek."},
    {"windows-1252", "is",
     "Ráðuneytið vill að fyrirtæki tilkynni ársfjórðungslega hve mikla reiknigetu þau leigja. "
     "Alþingi ræðir tillöguna í haust og þangað til breytist ekkert hjá smærri fyrirtækjum."},
    {"windows-1252", "sq",
     "Ministria kërkon që firmat të deklarojnë çdo tre muaj fuqinë llogaritëse që marrin me qira. "
     "Kuvendi do ta shqyrtojë propozimin në vjeshtë."},
    {"windows-1253", "el",
     "Το υπουργείο ζητά από τις εταιρείες να δηλώνουν κάθε τρίμηνο την ισχύ που νοικιάζουν. Η "
     "Βουλή "
     "θα εξετάσει την πρόταση το φθινόπωρο."},
    {"windows-1255", "he",
     "המשרד רוצה שחברות ידווחו מדי רבעון על כוח המחשוב שהן שוכרות. הכנסת תדון בהצעה בסתיו."},
    {"windows-1256", "ar",
     "تريد الوزارة أن تبلغ الشركات كل ثلاثة أشهر عن القدرة الحاسوبية التي تستأجرها. وسيناقش "
     "البرلمان المشروع في الخريف."},
    {"windows-1251", "bg",
     "Министерството иска фирмите да обявяват всяко тримесечие колко изчислителна мощ наемат. "
     "Парламентът ще обсъди предложението през есента."},
    {"KOI8-R", "ru",
     "Ведомство хочет, чтобы компании ежеквартально сообщали об арендованных мощностях. Дума "
     "рассмотрит проект осенью, для малых фирм пока ничего не изменится."},
    {"KOI8-U", "uk",
     "Міністерство хоче, щоб компанії щокварталу повідомляли про орендовані потужності. Парламент "
     "розгляне проєкт восени, а до того її становище не зміниться."},
    {"ISO-8859-5", "mk",
     "Министерството сака фирмите секој квартал да пријавуваат колку моќ изнајмуваат. Собранието "
     "ќе "
     "го разгледа предлогот наесен."},
});

std::string encoded(const char* text, const char* encoding) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::UnicodeString wide = icu::UnicodeString::fromUTF8(text);
  std::string out(static_cast<std::size_t>(wide.length()) * 3, '\0');
  UConverter* const converter = ucnv_open(encoding, &status);
  const std::int32_t size =
      ucnv_fromUChars(converter, out.data(), static_cast<std::int32_t>(out.size()),
                      wide.getBuffer(), wide.length(), &status);
  ucnv_close(converter);
  EXPECT_TRUE(U_SUCCESS(status)) << encoding;
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::string page(const std::string& attributes, const std::string& body) {
  return "<!doctype html><html" + attributes + "><head><title>Notes</title></head><body><p>" +
         body + "</p></body></html>";
}

TEST(Alphabets, TellTheEncodingThatNothingDeclares) {
  for (const Sentences& of : kSentences) {
    SCOPED_TRACE(std::string(of.encoding) + " " + of.language);
    const std::string body = encoded(of.text, of.encoding);
    EXPECT_EQ(decode(page("", body), "").text, page("", of.text));
    const std::string lang = std::string(" lang=\"") + of.language + "\"";
    EXPECT_EQ(decode(page(lang, body), "").text, page(lang, of.text));
  }
}

TEST(Alphabets, CorrectALabelWhoseLettersTheDeclaredLanguageLacks) {
  for (const Sentences& of : kSentences) {
    SCOPED_TRACE(std::string(of.encoding) + " " + of.language);
    const std::string lang = std::string(" lang=\"") + of.language + "\"";
    EXPECT_EQ(
        decode(page(lang, encoded(of.text, of.encoding)), "text/html; charset=iso-8859-1").text,
        page(lang, of.text));
  }
}

TEST(Alphabets, LeaveALabelThatFitsAlone) {
  // Polish names in German text, whose umlauts windows-1250 and windows-1252 have in one place.
  const std::string text = "Świętokrzyskie: Für Prüfungen müssen Gäste früh über Łódź fahren";
  const std::string body = page(" lang=\"de\"", encoded(text.c_str(), "windows-1250"));
  EXPECT_EQ(decode(body, "text/html; charset=windows-1250").text, page(" lang=\"de\"", text));
  // A template that says another language than the page is written in.
  const std::string russian = "Паром зимой не ходит между островами";
  EXPECT_EQ(decode(page(" lang=\"en\"", encoded(russian.c_str(), "windows-1251")),
                   "text/html; charset=windows-1251")
                .text,
            page(" lang=\"en\"", russian));
}

TEST(Alphabets, ReadFeedsByTheirLanguage) {
  const std::string title = "Įmonės praneš apie skaičiavimo galią";
  const auto feed = [](const std::string& of) {
    return "<?xml version=\"1.0\"?><rss><channel><language>lt</language><item><title>" + of +
           "</title></item></channel></rss>";
  };
  EXPECT_EQ(decode(feed(encoded(title.c_str(), "windows-1257")), "").text, feed(title));
  EXPECT_EQ(declared_language(feed("")), "lt");
}

TEST(Alphabets, PairsOfBytesAreNoThai) {
  for (const char* text :
       {"역 앞의 배는 봄까지 다니지 않는다고 시청이 밝혔다", "산업부는 분기마다 신고하도록 한다"}) {
    EXPECT_EQ(decode(page("", encoded(text, "windows-949")), "").text, page("", text));
  }
  const char* const chinese = "工业部门要求企业按季度申报所租用的算力及其来源";
  EXPECT_EQ(decode(page("", encoded(chinese, "GB18030")), "").text, page("", chinese));
}

TEST(DeclaredLanguage, IsThatOfTheMarkup) {
  EXPECT_EQ(declared_language("<html lang=\"pt-BR\">"), "pt");
  EXPECT_EQ(declared_language("<feed xml:lang='nb'>"), "no");
  EXPECT_EQ(declared_language("<a hreflang=\"fr\">"), "");
  EXPECT_EQ(declared_language("<p>lang</p>"), "");
}

// RFC 1468: ASCII alone, with escapes to Japanese.
TEST(Decode, ReadsIso2022JpThatNothingDeclares) {
  const char* const text = "港は冬の間、船を出さない";
  EXPECT_EQ(decode(page("", encoded(text, "ISO-2022-JP")), "").text, page("", text));
  EXPECT_EQ(decode("<p>\x1B[31mred\x1B[0m</p>", "").charset, "UTF-8");
}

}  // namespace
}  // namespace vigie::charset
