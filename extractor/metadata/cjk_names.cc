#include <algorithm>
#include <array>

#include "extractor/metadata/authors.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::metadata {
namespace {

constexpr std::size_t kMostLetters = 8;  // of a name in these scripts

bool is_han(char32_t c) { return (c >= 0x3400 && c <= 0x9FFF) || c == 0x3005 || c == 0x3007; }
bool is_kana(char32_t c) { return c >= 0x3040 && c <= 0x30FF; }
bool is_hangul(char32_t c) { return c >= 0xAC00 && c <= 0xD7A3; }
bool is_cjk(char32_t c) { return is_han(c) || is_kana(c) || is_hangul(c); }

// Labels of those who wrote; longer ones first.
constexpr std::array kWriters = std::to_array<std::string_view>(
    {"特約記者", "特约记者", "本報記者",  "本报记者", "本刊记者", "本网记者", "驻外记者",
     "實習記者", "实习记者", "见习记者",  "特派記者", "特派员",   "特派員",   "通讯员",
     "通訊員",   "撰稿人",   "评论员",    "評論員",   "專欄作家", "专栏作家", "编译",
     "編譯",     "取材・文", "取材文",    "文・構成", "執筆者",   "記者",     "记者",
     "作者",     "文字",     "撰文",      "撰稿",     "采写",     "採訪",     "采访",
     "主笔",     "主筆",     "执笔",      "執筆",     "著者",     "筆者",     "署名",
     "ライター", "文",       "글",        "기자",     "작성자",   "특파원",   "논설위원",
     "객원기자", "인턴기자", "칼럼니스트"});

// Labels of others, and of places and sources.
constexpr std::array kOthers = std::to_array<std::string_view>(
    {"责任编辑", "責任編輯", "责编", "責編", "编辑", "編輯", "編集者", "編集", "主编",
     "主編",     "摄影",     "攝影", "摄像", "摄",   "攝",   "撮影",   "写真", "圖片",
     "图片",     "图",       "圖",   "审核", "審核", "校对", "校對",   "审校", "来源",
     "來源",     "出典",     "翻译", "翻譯", "翻訳", "译者", "譯者",   "制图", "製圖",
     "视频",     "剪辑",     "监制", "사진", "편집", "영상", "그래픽", "번역"});

// Ends of a piece that names a place or an agency: "台北報導".
constexpr std::array kReports = std::to_array<std::string_view>(
    {"報導",   "报道",   "報道",   "电",     "電",      "讯",     "訊",     "專電",   "专电",
     "新闻网", "新聞網", "新闻社", "通訊社", "通讯社",  "日報",   "日报",   "晚报",   "晚報",
     "時報",   "时报",   "新聞",   "新闻",   "編集部",  "政治部", "経済部", "社会部", "国際部",
     "文化部", "科学部", "運動部", "编辑部", "編輯部",  "編集局", "取材班", "新聞社", "報",
     "报",     "뉴스",   "일보",   "신문",   "연합뉴스"});

// Roles written behind a name.
constexpr std::array kRoles = std::to_array<std::string_view>(
    {"記者",     "记者",     "編集委員", "論説委員",   "特派員",   "特派员",   "解説委員", "支局長",
     "編集長",   "論説主幹", "선임기자", "전문기자",   "인턴기자", "객원기자", "기자",     "특파원",
     "논설위원", "위원",     "에디터",   "칼럼니스트", "教授",     "さん",     "氏"});

std::size_t letters(std::string_view text) { return text::count_code_points(text); }

bool separates(char32_t c) {
  return c == ' ' || c == 0x3000 || c == '/' || c == 0xFF0F || c == 0x2571 || c == '|' ||
         c == 0xFF5C || c == 0x3001 || c == ',' || c == 0xFF0C || c == ';' || c == 0xFF1B ||
         c == '=' || c == 0xB7 || c == 0x2022 || c == 0x25CF || c == '&' || c == 0x25CB ||
         c == 0x25A0 || c == 0x4E28 || c == 0x2502 || c == '(' || c == ')' || c == 0xFF08 ||
         c == 0xFF09 || c == '\n';
}

bool is_colon(char32_t c) { return c == ':' || c == 0xFF1A || c == 0x30FB; }

std::vector<std::string> pieces_of(std::string_view line, bool with_brackets) {
  std::vector<std::string> out(1);
  int bracket = 0;  // [서울=뉴시스], 【台北】: of place and agency
  for (std::size_t offset = 0; offset < line.size();) {
    const char32_t c = text::next_code_point(line, offset);
    const bool opens = c == '[' || c == 0x3010 || c == 0xFF3B || c == 0x3014;
    const bool closes = c == ']' || c == 0x3011 || c == 0xFF3D || c == 0x3015;
    if (opens && !with_brackets) ++bracket;
    if (closes && bracket > 0) --bracket;
    // 東京＝田中太郎: a place
    const bool place = c == '=' || c == 0xFF1D;
    if (place && bracket == 0 && !text::trim(line.substr(offset)).empty()) {
      out.back().clear();
      continue;
    }
    if (place) continue;
    if (opens || closes || (bracket == 0 && separates(c))) {
      if (!out.back().empty()) out.emplace_back();
    } else if (bracket == 0) {
      text::append_utf8(out.back(), c);
    }
  }
  if (out.back().empty()) out.pop_back();
  return out;
}

// Takes a label off the front; whether there was one.
template <class List>
bool take_label(std::string_view& piece, const List& labels) {
  for (const std::string_view label : labels) {
    if (!piece.starts_with(label)) continue;
    std::string_view rest = piece.substr(label.size());
    std::size_t offset = 0;
    const bool colon = !rest.empty() && is_colon(text::next_code_point(rest, offset));
    // 文 of 文在寅 is a surname: a sign of one letter needs its colon
    if (!colon && letters(label) == 1 && !rest.empty()) continue;
    piece = colon ? rest.substr(offset) : rest;
    return true;
  }
  return false;
}

// 本报驻华盛顿记者李明, 中央社記者王小明: what stands in front of the word for reporter is an
// office.
std::string_view behind_office(std::string_view piece) {
  for (const std::string_view word : {std::string_view("記者"), std::string_view("记者")}) {
    const std::size_t at = piece.rfind(word);
    if (at == std::string_view::npos || at == 0) continue;
    const std::string_view rest = piece.substr(at + word.size());
    const std::string_view office = piece.substr(0, at);
    if (!rest.empty() || office.starts_with("本") || letters(office) > 4) return rest;
  }
  return piece;
}

std::string_view without_role(std::string_view name) {
  for (const std::string_view role : kRoles) {
    if (name.size() > role.size() && name.ends_with(role))
      return name.substr(0, name.size() - role.size());
  }
  return name;
}

bool is_name(std::string_view name) {
  const std::size_t count = letters(name);
  if (count < 2 || count > kMostLetters) return false;
  for (std::size_t offset = 0; offset < name.size();) {
    const char32_t c = text::next_code_point(name, offset);
    if (!is_cjk(c) && c != 0xB7 && c != 0x30FB) return false;
  }
  return true;
}

bool has_role_alone(std::string_view name) {
  return std::find(kRoles.begin(), kRoles.end(), name) != kRoles.end();
}

bool ends_report(std::string_view piece) {
  return std::any_of(kReports.begin(), kReports.end(),
                     [piece](std::string_view end) { return piece.ends_with(end); });
}

}  // namespace

bool is_cjk_line(std::string_view line) {
  for (std::size_t offset = 0; offset < line.size();) {
    if (is_cjk(text::next_code_point(line, offset))) return true;
  }
  return false;
}

namespace {

std::vector<std::string> names_of(const std::vector<std::string>& pieces,
                                  std::string_view language) {
  std::vector<std::string> out;
  bool of_other = false;  // a label of somebody else goes on over the names behind it
  bool joined = false;    // the last name is the first half of one with a space
  for (const std::string& whole : pieces) {
    std::string_view piece = text::trim(whole);
    if (take_label(piece, kOthers)) {
      of_other = true;
    } else if (take_label(piece, kWriters)) {
      of_other = false;
      take_label(piece, kWriters);
    }
    joined = joined && piece.size() == whole.size();
    if (of_other || piece.empty()) continue;
    if (ends_report(piece) || has_role_alone(piece)) continue;
    std::string_view name = without_role(behind_office(piece));
    if (!is_name(name)) continue;
    // 田中 太郎: halves of one to three signs with a space between
    const bool half = language.starts_with("ja") && letters(name) <= 3;
    if (joined && half && !out.empty()) {
      out.back() += " " + std::string(name);
      joined = false;
      continue;
    }
    if (std::find(out.begin(), out.end(), name) == out.end()) out.emplace_back(name);
    joined = half && name.size() == piece.size();
  }
  return out;
}

}  // namespace

std::vector<std::string> cjk_names(std::string_view line, std::string_view language) {
  // what stands in brackets is a place and an agency, or all of the byline
  std::vector<std::string> out = names_of(pieces_of(line, false), language);
  return out.empty() ? names_of(pieces_of(line, true), language) : out;
}

}  // namespace vigie::extractor::metadata
