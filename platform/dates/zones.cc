#include "platform/dates/zones.h"

#include <algorithm>
#include <array>

namespace vigie::dates {
namespace {

struct Zone {
  std::string_view name;
  int minutes = 0;
};

// RFC 822 §5 and the abbreviations of the IANA time zone database, past and present, with those of
// German newsrooms (mez, mesz).
constexpr std::array kZones = std::to_array<Zone>({
    {"z", 0},       {"ut", 0},      {"utc", 0},    {"gmt", 0},     {"wet", 0},     {"west", 60},
    {"cet", 60},    {"cest", 120},  {"met", 60},   {"mest", 120},  {"mez", 60},    {"mesz", 120},
    {"bst", 60},    {"eet", 120},   {"eest", 180}, {"oez", 120},   {"oesz", 180},  {"msk", 180},
    {"msd", 240},   {"samt", 240},  {"yekt", 300}, {"omst", 360},  {"krat", 420},  {"novt", 420},
    {"irkt", 480},  {"yakt", 540},  {"vlat", 600}, {"magt", 660},  {"pett", 720},  {"trt", 180},
    {"fet", 180},   {"get", 240},   {"azt", 240},  {"amt", 240},   {"azst", 300},  {"irst", 210},
    {"irdt", 270},  {"aft", 270},   {"idt", 180},  {"ist", 330},   {"gst", 240},   {"pkt", 300},
    {"uzt", 300},   {"tjt", 300},   {"tmt", 300},  {"almt", 300},  {"qyzt", 300},  {"kgt", 360},
    {"npt", 345},   {"btt", 360},   {"bdt", 360},  {"mmt", 390},   {"ict", 420},   {"wib", 420},
    {"wita", 480},  {"wit", 540},   {"hovt", 420}, {"ulat", 480},  {"hkt", 480},   {"sgt", 480},
    {"myt", 480},   {"pht", 480},   {"phst", 480}, {"bnt", 480},   {"awst", 480},  {"jst", 540},
    {"kst", 540},   {"tlt", 540},   {"acst", 570}, {"acdt", 630},  {"aest", 600},  {"aedt", 660},
    {"chst", 600},  {"pgt", 600},   {"sbt", 660},  {"nct", 660},   {"nzst", 720},  {"nzdt", 780},
    {"fjt", 720},   {"tot", 780},   {"sst", -660}, {"hst", -600},  {"hast", -600}, {"hadt", -540},
    {"akst", -540}, {"akdt", -480}, {"pst", -480}, {"pdt", -420},  {"mst", -420},  {"mdt", -360},
    {"cst", -360},  {"cdt", -300},  {"est", -300}, {"edt", -240},  {"ast", -240},  {"adt", -180},
    {"nst", -210},  {"ndt", -150},  {"cot", -300}, {"pet", -300},  {"ect", -300},  {"vet", -240},
    {"bot", -240},  {"gyt", -240},  {"clt", -240}, {"clst", -180}, {"pyt", -240},  {"pyst", -180},
    {"brt", -180},  {"brst", -120}, {"art", -180}, {"uyt", -180},  {"srt", -180},  {"gft", -180},
    {"cvt", -60},   {"azot", -60},  {"azost", 0},  {"wat", 60},    {"cat", 120},   {"sast", 120},
    {"eat", 180},   {"mut", 240},   {"sct", 240},  {"mvt", 300},   {"slst", 330},
});

struct ZoneOfCountry {
  std::string_view name;
  std::string_view country;
  int minutes = 0;
};

constexpr std::array kOfCountries = std::to_array<ZoneOfCountry>({
    {"ist", "IE", 60},   {"ist", "IL", 120},  {"cst", "CN", 480},  {"cst", "TW", 480},
    {"cst", "HK", 480},  {"cst", "MO", 480},  {"cst", "CU", -300}, {"cst", "AU", 570},
    {"cdt", "CU", -240}, {"bst", "BD", 360},  {"bst", "PG", 660},  {"ast", "SA", 180},
    {"ast", "IQ", 180},  {"ast", "KW", 180},  {"ast", "QA", 180},  {"ast", "BH", 180},
    {"ast", "YE", 180},  {"est", "AU", 600},  {"edt", "AU", 660},  {"wst", "AU", 480},
    {"pst", "PH", 480},  {"pst", "PK", 300},  {"mst", "MY", 480},  {"mst", "MM", 390},
    {"sst", "SG", 480},  {"gst", "GS", -120}, {"amt", "BR", -240}, {"act", "BR", -300},
    {"lst", "LK", 330},  {"nst", "NP", 345},  {"wst", "WS", 780},  {"ect", "EC", -300},
    {"met", "IR", 210},  {"bt", "BT", 360},   {"pht", "PH", 480},  {"wat", "AO", 60},
});

}  // namespace

std::optional<int> zone_minutes(std::string_view name, std::string_view country) {
  if (!country.empty()) {
    for (const ZoneOfCountry& zone : kOfCountries) {
      if (zone.name == name && zone.country == country) return zone.minutes;
    }
  }
  const auto* found = std::find_if(kZones.begin(), kZones.end(),
                                   [name](const Zone& zone) { return zone.name == name; });
  return found == kZones.end() ? std::nullopt : std::optional<int>(found->minutes);
}

}  // namespace vigie::dates
