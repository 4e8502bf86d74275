#include "extractor/metadata/author_words.h"

#include <algorithm>
#include <array>
#include <string>

#include "platform/text/utf8.h"

namespace vigie::extractor::metadata {
namespace {

// Own collection from what newsrooms write, in many languages.
constexpr std::array kBylineLabels = std::to_array<std::string_view>({"written by",
                                                                      "posted by",
                                                                      "reported by",
                                                                      "story by",
                                                                      "text by",
                                                                      "words by",
                                                                      "article by",
                                                                      "article written by",
                                                                      "published by",
                                                                      "report by",
                                                                      "reporting by",
                                                                      "analysis by",
                                                                      "opinion by",
                                                                      "column by",
                                                                      "interview by",
                                                                      "compiled by",
                                                                      "submitted by",
                                                                      "created by",
                                                                      "by",
                                                                      "geschrieben von",
                                                                      "text von",
                                                                      "artikel von",
                                                                      "beitrag von",
                                                                      "kommentar von",
                                                                      "analyse von",
                                                                      "ein beitrag von",
                                                                      "ein artikel von",
                                                                      "ein gastbeitrag von",
                                                                      "eine analyse von",
                                                                      "ein kommentar von",
                                                                      "interview von",
                                                                      "escrito por",
                                                                      "texto de",
                                                                      "texto por",
                                                                      "publicado por",
                                                                      "redactado por",
                                                                      "scritto da",
                                                                      "articolo di",
                                                                      "a cura di",
                                                                      "propos recueillis par",
                                                                      "écrit par",
                                                                      "publié par",
                                                                      "rédigé par",
                                                                      "texte de",
                                                                      "texte par",
                                                                      "un article de",
                                                                      "geschreven door",
                                                                      "tekst:",
                                                                      "av journalist",
                                                                      "от автора",
                                                                      "автор статьи",
                                                                      "autor",
                                                                      "autora",
                                                                      "autorin",
                                                                      "autoren",
                                                                      "author",
                                                                      "authors",
                                                                      "author(s)",
                                                                      "auteur",
                                                                      "auteurs",
                                                                      "autore",
                                                                      "autori",
                                                                      "autores",
                                                                      "автор",
                                                                      "автори",
                                                                      "авторы",
                                                                      "text",
                                                                      "texte",
                                                                      "texto",
                                                                      "testo",
                                                                      "tekst",
                                                                      "foto",
                                                                      "photo",
                                                                      "reporter",
                                                                      "yazan",
                                                                      "yazar",
                                                                      "haber",
                                                                      "muhabir",
                                                                      "journalist",
                                                                      "redakteur",
                                                                      "redaktion",
                                                                      "reportage",
                                                                      "kirjoittaja",
                                                                      "teksti",
                                                                      "szerző",
                                                                      "írta",
                                                                      "napisał",
                                                                      "napisała",
                                                                      "napsal",
                                                                      "napsala",
                                                                      "zdroj",
                                                                      "συντάκτης",
                                                                      "γράφει ο",
                                                                      "γράφει η",
                                                                      "penulis",
                                                                      "oleh",
                                                                      "tác giả",
                                                                      "oleh:",
                                                                      "كتب",
                                                                      "كتبت",
                                                                      "بقلم",
                                                                      "نویسنده",
                                                                      "מאת",
                                                                      "लेखक",
                                                                      "skribent",
                                                                      "verfasst von",
                                                                      "byline",
                                                                      "words",
                                                                      "αρθρογράφος"});

constexpr std::array kRoleWords = std::to_array<std::string_view>({"editor",
                                                                   "editors",
                                                                   "writer",
                                                                   "reporter",
                                                                   "correspondent",
                                                                   "columnist",
                                                                   "journalist",
                                                                   "contributor",
                                                                   "producer",
                                                                   "photographer",
                                                                   "photojournalist",
                                                                   "blogger",
                                                                   "author",
                                                                   "officer",
                                                                   "director",
                                                                   "president",
                                                                   "professor",
                                                                   "analyst",
                                                                   "fellow",
                                                                   "manager",
                                                                   "founder",
                                                                   "co-founder",
                                                                   "ceo",
                                                                   "cto",
                                                                   "cfo",
                                                                   "researcher",
                                                                   "lecturer",
                                                                   "consultant",
                                                                   "strategist",
                                                                   "secretary",
                                                                   "minister",
                                                                   "chairman",
                                                                   "chair",
                                                                   "partner",
                                                                   "specialist",
                                                                   "expert",
                                                                   "head",
                                                                   "critic",
                                                                   "presenter",
                                                                   "anchor",
                                                                   "intern",
                                                                   "freelancer",
                                                                   "redakteur",
                                                                   "redakteurin",
                                                                   "redaktor",
                                                                   "korrespondent",
                                                                   "korrespondenten",
                                                                   "mitarbeiter",
                                                                   "mitarbeiterin",
                                                                   "korrespondentin",
                                                                   "journalistin",
                                                                   "autor",
                                                                   "autorin",
                                                                   "reporterin",
                                                                   "volontär",
                                                                   "volontärin",
                                                                   "chefredakteur",
                                                                   "chefredakteurin",
                                                                   "leiter",
                                                                   "leiterin",
                                                                   "kolumnist",
                                                                   "kolumnistin",
                                                                   "professorin",
                                                                   "dozent",
                                                                   "dozentin",
                                                                   "journaliste",
                                                                   "rédacteur",
                                                                   "rédactrice",
                                                                   "correspondant",
                                                                   "correspondante",
                                                                   "chroniqueur",
                                                                   "chroniqueuse",
                                                                   "éditorialiste",
                                                                   "grand reporter",
                                                                   "envoyé",
                                                                   "envoyée",
                                                                   "periodista",
                                                                   "redactor",
                                                                   "redactora",
                                                                   "corresponsal",
                                                                   "editora",
                                                                   "columnista",
                                                                   "director",
                                                                   "directora",
                                                                   "giornalista",
                                                                   "redattore",
                                                                   "redattrice",
                                                                   "corrispondente",
                                                                   "inviato",
                                                                   "inviata",
                                                                   "direttore",
                                                                   "jornalista",
                                                                   "repórter",
                                                                   "redator",
                                                                   "redatora",
                                                                   "correspondente",
                                                                   "colunista",
                                                                   "redacteur",
                                                                   "verslaggever",
                                                                   "correspondente",
                                                                   "dziennikarz",
                                                                   "dziennikarka",
                                                                   "redaktorka",
                                                                   "журналист",
                                                                   "корреспондент",
                                                                   "редактор",
                                                                   "обозреватель",
                                                                   "muhabir",
                                                                   "muhabiri",
                                                                   "yazarı",
                                                                   "editörü",
                                                                   "gazeteci"});

constexpr std::array kNobodysMarks =
    std::to_array<std::string_view>({"http", "www.", ".com", ".net/", "@", "{{", "://"});

constexpr std::array kNobodys = std::to_array<std::string_view>({"staff",
                                                                 "editor",
                                                                 "editors",
                                                                 "editorial",
                                                                 "redaktion",
                                                                 "redaktionen",
                                                                 "newsroom",
                                                                 "newsdesk",
                                                                 "news desk",
                                                                 "team",
                                                                 "admin",
                                                                 "administrator",
                                                                 "correspondent",
                                                                 "correspondents",
                                                                 "subscribe",
                                                                 "minutes ago",
                                                                 "hours ago",
                                                                 "email the",
                                                                 "updated",
                                                                 "published",
                                                                 "contributor",
                                                                 "contributors",
                                                                 "view more",
                                                                 "read more",
                                                                 "posts",
                                                                 "see all",
                                                                 "all articles",
                                                                 "nachrichten",
                                                                 "reuters",
                                                                 "associated press",
                                                                 "agence france",
                                                                 "redaktør",
                                                                 "redacción",
                                                                 "rédaction",
                                                                 "redazione",
                                                                 "редакция",
                                                                 "redação",
                                                                 "redakcja",
                                                                 "redakce",
                                                                 "webmaster",
                                                                 "guest author",
                                                                 "unknown",
                                                                 "undefined",
                                                                 "press association",
                                                                 "facebook",
                                                                 "twitter",
                                                                 "newsletter",
                                                                 "view all",
                                                                 "more from",
                                                                 "sign in",
                                                                 "log in",
                                                                 "login",
                                                                 "click here",
                                                                 "profiles",
                                                                 "said",
                                                                 "sagt",
                                                                 "says",
                                                                 "news agency",
                                                                 "press release",
                                                                 "agencies",
                                                                 "bloomberg news",
                                                                 "about the author",
                                                                 "learn more",
                                                                 "min read",
                                                                 "minute read",
                                                                 "anonymous",
                                                                 "guest contributor",
                                                                 "advertorial",
                                                                 "desk",
                                                                 "bureau",
                                                                 "pressemitteilung",
                                                                 "agenturen",
                                                                 "copyright",
                                                                 "follow us",
                                                                 "read time",
                                                                 "password",
                                                                 "find me on",
                                                                 "cookies"});

constexpr std::array kNobodysWhole = std::to_array<std::string_view>(
    {"ap",     "afp",    "dpa",     "epd",     "kna",    "sid",   "apa",      "ansa",    "efe",
     "bbc",    "cnn",    "pa",      "upi",     "tass",   "pti",   "ani",      "ians",    "aap",
     "rtr",    "lusa",   "ritzau",  "ntb",     "tt",     "stt",   "belga",    "anp",     "ats",
     "cp",     "the",    "and",     "user",    "author", "none",  "null",     "name",    "autor",
     "автор",  "nan",    "false",   "true",    "press",  "guest", "home",     "contact", "menu",
     "search", "awards", "autoren", "authors", "topics", "about", "biography"});

constexpr std::array kCreditsOfOthers = std::to_array<std::string_view>(
    {"photographs by", "photograph by", "photography by",   "photos by",
     "photo by",       "pictures by",   "illustrations by", "illustration by",
     "illustrated by", "graphics by",   "video by",         "edited by",
     "editing by",     "translated by", "translation by",   "additional reporting",
     "photos:",        "photo:",        "photos :",         "photo :",
     "photographs:",   "pictures:",     "video:",           "illustration:",
     "illustrations:", "editor:",       "editing:",         "fotos:",
     "foto:",          "bild:",         "bilder:",          "fotos von",
     "foto von",       "bilder von",    "grafik:",          "illustration von",
     "redigiert",      "übersetzt von", "übersetzung",      "fotografie",
     "fotografía",     "fotografías",   "fotos de",         "foto de",
     "fotos por",      "traducción",    "traducido por",    "ilustración",
     "edición:",       "photographies", "photos de",        "photo de",
     "traduit par",    "traduction",    "illustration de",  "foto di",
     "fotografie di",  "traduzione",    "tradotto da",      "fotos de",
     "tradução",       "edição:",       "zdjęcia",          "fot.",
     "tłumaczenie",    "фото",          "перевод",          "редактор",
     "фотограф",       "foto's",        "vertaling",        "fotograf",
     "kuvat",          "foto's:",       "editör",           "fotoğraf",
     "çeviri"});

template <class List>
bool has(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_of_word(char c) {
  return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80 || c == '\'';
}

// Whether a phrase stands in a text in lower case as whole words.
bool holds(std::string_view text, std::string_view phrase) {
  for (std::size_t at = text.find(phrase); at != std::string_view::npos;
       at = text.find(phrase, at + 1)) {
    const std::size_t end = at + phrase.size();
    if ((at == 0 || !is_of_word(text[at - 1])) && (end == text.size() || !is_of_word(text[end])))
      return true;
  }
  return false;
}

std::string lower_word(std::string_view word) {
  std::string out = lower_in_place(word);
  while (!out.empty() && (out.back() == '.' || out.back() == ',' || out.back() == ')'))
    out.pop_back();
  while (!out.empty() && out.front() == '(') out.erase(0, 1);
  return out;
}

}  // namespace

std::string lower_in_place(std::string_view text) {
  std::string out;
  const std::string valid = text::to_valid_utf8(text);
  for (std::size_t offset = 0; offset < valid.size();) {
    char32_t c = text::next_code_point(valid, offset);
    const bool plus_32 = (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7) ||
                         (c >= 0x391 && c <= 0x3A9) || (c >= 0x410 && c <= 0x42F);
    const bool odd_follows = (c >= 0x100 && c <= 0x137 && c != 0x130) || (c >= 0x14A && c <= 0x177);
    const bool even_follows = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E);
    if (plus_32) {
      c += 32;
    } else if (c >= 0x400 && c <= 0x40F) {
      c += 80;
    } else if ((odd_follows && c % 2 == 0) || (even_follows && c % 2 == 1)) {
      ++c;
    }
    text::append_utf8(out, c);
  }
  return out;
}

std::span<const Joint> joints() {
  static constexpr std::array kJoints = std::to_array<Joint>({
      {";", true},          {"|", true},           {"•", true},          {"·", true},
      {"\n", true},         {" – ", true},         {" — ", true},        {" & ", true},
      {"、", true},         {" and ", false},      {" und ", false},     {" sowie ", false},
      {" et ", false},      {" with ", false},     {" mit ", false},     {" avec ", false},
      {" con ", false},     {" oraz ", false},     {" и ", false, true}, {" і ", false, true},
      {" та ", false},      {" και ", false},      {" ve ", false},      {" dan ", false},
      {" och ", false},     {" og ", false},       {" y ", false, true}, {" e ", false, true},
      {" i ", false, true}, {" en ", false, true}, {" a ", false, true}, {" și ", false},
      {" és ", false},      {" ja ", false},       {" و ", false},       {"/", true},
  });
  return kJoints;
}

std::size_t byline_label(std::string_view lower) {
  std::size_t best = 0;
  for (const std::string_view label : kBylineLabels) {
    if (!lower.starts_with(label) || label.size() <= best) continue;
    std::size_t end = label.size();
    if (end >= lower.size()) continue;
    if (lower[end] != ' ' && lower[end] != ':' && lower[end] != '\t') continue;
    while (end < lower.size() && (lower[end] == ':' || lower[end] == ' ')) ++end;
    // "Autor" alone is a word of a name only where a name follows
    if (end < lower.size()) best = std::max(best, end);
  }
  return best;
}

std::size_t byline_particle(std::string_view lower) {
  static constexpr std::array kParticles = std::to_array<std::string_view>(
      {"von ", "par ", "por ", "di ", "da ", "от ", "de ", "door ", "av ", "af ", "od ", "per "});
  for (const std::string_view particle : kParticles) {
    if (lower.starts_with(particle)) return particle.size();
  }
  return 0;
}

std::size_t credit_of_others(std::string_view lower) {
  std::size_t first = std::string_view::npos;
  for (const std::string_view credit : kCreditsOfOthers) {
    for (std::size_t at = lower.find(credit); at != std::string_view::npos && at < first;
         at = lower.find(credit, at + 1)) {
      if (at > 0 && !is_of_word(lower[at - 1])) {
        first = at;
        break;
      }
    }
  }
  return first;
}

std::size_t place_behind(std::string_view lower) {
  static constexpr std::array kPlaces = std::to_array<std::string_view>(
      {" in ",     " from ",     " at ",      " for ",       " aus ",     " für ",
       " à ",      " pour ",     " para ",    " em ",        " w ",       " из ",
       " в ",      " za ",       " fra ",     " reporting ", " reports ", " berichtet ",
       " writes ", " schreibt ", " informa ", " via ",       " on ",      " près "});
  std::size_t first = std::string_view::npos;
  for (const std::string_view place : kPlaces) {
    const std::size_t at = lower.find(place);
    // a name of two words stands in front of it
    if (at != std::string_view::npos && lower.substr(0, at).find(' ') != std::string_view::npos)
      first = std::min(first, at);
  }
  return first;
}

bool is_particle(std::string_view word) {
  static constexpr std::array kParticles = std::to_array<std::string_view>(
      {"von", "zu",    "zum", "zur", "vom", "van",  "der",   "den", "de",  "del", "della",
       "dei", "di",    "da",  "das", "dos", "do",   "du",    "des", "la",  "le",  "las",
       "los", "al",    "el",  "bin", "ben", "ibn",  "abu",   "ter", "ten", "te",  "af",
       "av",  "y",     "e",   "i",   "st",  "san",  "santa", "mac", "mc",  "o'",  "d'",
       "dal", "dalla", "lo",  "und", "ul",  "bint", "ap"});
  return has(kParticles, lower_word(word));
}

bool is_degree(std::string_view word) {
  static constexpr std::array kDegrees = std::to_array<std::string_view>(
      {"PhD",    "Ph.D.", "Ph.D",  "MD",    "M.D.", "MS",  "MSc", "MA",  "M.A.", "MBA", "MPH",
       "RN",     "RD",    "JD",    "J.D.",  "DDS",  "DVM", "BSc", "BA",  "LLM",  "CFA", "CPA",
       "PharmD", "DO",    "MPhil", "DPhil", "Esq.", "Esq", "FRS", "OBE", "MBE",  "CBE"});
  while (!word.empty() && word.back() == ',') word.remove_suffix(1);
  return has(kDegrees, word);
}

bool is_suffix(std::string_view text) {
  static constexpr std::array kSuffixes = std::to_array<std::string_view>(
      {"jr", "sr", "ii", "iii", "iv", "dr", "prof", "prof dr", "dipl ing", "esq"});
  std::string lower;
  for (const char c : text::ascii_lower(text)) {
    if (c != '.') lower += c;
  }
  if (has(kSuffixes, lower)) return true;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    if (!is_degree(text.substr(0, space))) return false;
    if (space == std::string_view::npos) return true;
    text = text::trim(text.substr(space));
  }
  return true;
}

bool has_role(std::string_view text) {
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = rest.find_first_of(" /,");
    if (has(kRoleWords, lower_word(rest.substr(0, end)))) return true;
    if (end == std::string_view::npos) return false;
    rest.remove_prefix(end + 1);
  }
  return false;
}

bool is_our(std::string_view word) {
  static constexpr std::array kOurs = std::to_array<std::string_view>(
      {"our", "unser", "unsere", "unserem", "unserer", "unseren", "notre", "nuestro", "nuestra",
       "nostro", "nostra", "dal", "dalla", "nosso", "nossa", "onze", "the"});
  return has(kOurs, lower_word(word));
}

bool is_credit_of_others(std::string_view text) {
  static constexpr std::array kWords = std::to_array<std::string_view>(
      {"foto",     "fotos",       "photo",      "photos",       "photography",   "pictures",
       "bild",     "bilder",      "video",      "illustration", "illustrations", "grafik",
       "graphics", "kamera",      "camera",     "editing",      "fotografie",    "фото",
       "zdjęcia",  "übersetzung", "translation"});
  const std::string lower = lower_in_place(text);
  return has(kWords, std::string_view(lower).substr(0, lower.find_first_of(")], ")));
}

bool is_role_rank(std::string_view word) {
  static constexpr std::array kRanks = std::to_array<std::string_view>({"senior",
                                                                        "staff",
                                                                        "chief",
                                                                        "deputy",
                                                                        "managing",
                                                                        "associate",
                                                                        "assistant",
                                                                        "executive",
                                                                        "contributing",
                                                                        "freelance",
                                                                        "foreign",
                                                                        "political",
                                                                        "technology",
                                                                        "tech",
                                                                        "business",
                                                                        "medical",
                                                                        "arts",
                                                                        "marketing",
                                                                        "science",
                                                                        "national",
                                                                        "international",
                                                                        "special",
                                                                        "guest",
                                                                        "lead",
                                                                        "junior",
                                                                        "former",
                                                                        "news",
                                                                        "features",
                                                                        "leitender",
                                                                        "leitende",
                                                                        "freie",
                                                                        "freier",
                                                                        "stellvertretender",
                                                                        "stellvertretende",
                                                                        "economics",
                                                                        "diplomatic",
                                                                        "defence",
                                                                        "security",
                                                                        "health",
                                                                        "sports"});
  return has(kRanks, lower_word(word));
}

bool is_no_person(std::string_view text) {
  const std::string lower = lower_in_place(text);
  if (std::any_of(kNobodysMarks.begin(), kNobodysMarks.end(),
                  [&](std::string_view mark) { return lower.find(mark) != std::string::npos; }))
    return true;
  if (std::any_of(kNobodys.begin(), kNobodys.end(),
                  [&](std::string_view phrase) { return holds(lower, phrase); }))
    return true;
  // surnames of many, labels where they stand in front
  static constexpr std::array kInFront =
      std::to_array<std::string_view>({"bild", "foto", "photo", "image", "print", "wire", "share",
                                       "follow", "comment", "comments"});
  if (has(kInFront, std::string_view(lower).substr(0, lower.find_first_of(" :")))) return true;
  return has(kNobodysWhole, lower);
}

}  // namespace vigie::extractor::metadata
