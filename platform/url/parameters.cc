#include "platform/url/parameters.h"

#include <algorithm>
#include <array>

#include "platform/text/ascii.h"
#include "platform/url/percent.h"

// The lists are kept by hand. Each group says where its names are documented or can be looked up;
// all names are lower case and compared so.
namespace vigie::url {
namespace {

using Names = std::vector<std::string_view>;

/// Names that are never those of a page, with any value.
bool is_tracking_name(std::string_view name) {
  static const Names kNames = [] {
    Names names{
        // Click ids of advertisers: Firefox's query stripping list (services.settings
        // "query-stripping"), ClearURLs (globalRules), AdGuard's TrackParamFilter.
        "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "gad_source", "gad_campaignid",
        "srsltid", "msclkid", "yclid", "ysclid", "_openstat", "twclid", "ttclid", "li_fat_id",
        "igshid", "igsh", "epik", "irclickid", "rdt_cid", "sccid", "tblci", "dicbo", "wickedid",
        "rb_clickid", "s_cid", "s_kwcid", "ef_id", "zanpid", "obclid", "outbrainclickid",
        "taboola_campaign_id", "vgo_ee", "cx_click", "cx_recswidget",
        // Letters: Mailchimp, Marketo, HubSpot, Vero, Omeda, MailerLite, Klaviyo, Drip, Oracle
        // Eloqua, Blueshift, Silverpop (the same lists, "email" sections).
        "mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "__hstc", "__hssc", "__hsfp",
        "hsctatracking", "vero_id", "vero_conv", "oly_anon_id", "oly_enc_id", "ml_subscriber",
        "ml_subscriber_hash", "_ke", "_kx", "__s", "elqtrackid", "elqtrack", "elqaid", "elqat",
        "bsft_clkid", "bsft_uid", "bsft_mid", "bsft_eid", "spmailingid", "spuserid", "spjobid",
        "spreportid", "dm_i", "sc_campaign", "sc_channel", "sc_content", "sc_medium", "sc_outcome",
        "sc_geo", "sc_country", "trk_contact", "trk_msg", "trk_module", "trk_sid",
        // Measuring: Google, AT Internet (documentation of Piano Analytics: "campaigns"), Webtrekk
        // and Mapp ("campaign tracking"), comScore, Adobe, Matomo ("Tracking campaigns").
        "_ga", "_gl", "ga_source", "ga_medium", "ga_term", "ga_content", "ga_campaign", "xtor",
        "xtref", "wt_mc", "wt_zmc", "wt_cc", "ns_mchannel", "ns_source", "ns_campaign",
        "ns_linkname", "ns_fee", "cm_mmc", "cmpid", "icid", "intcid", "int_campaign", "int_source",
        "int_medium", "pk_campaign", "pk_kwd", "pk_keyword", "pk_source", "pk_medium", "pk_content",
        "pk_cid", "piwik_campaign", "piwik_kwd", "piwik_keyword", "matomo_campaign",
        // Sharing: X, Facebook, WeChat, Bilibili, Alibaba, Branch, Hootsuite, SocialFlow, Echobox
        // (AdGuard and ClearURLs, by provider).
        "ref_src", "ref_url", "__twitter_impression", "fb_action_ids", "fb_action_types",
        "fb_source", "fb_ref", "action_object_map", "action_type_map", "action_ref_map",
        "isappinstalled", "share_token", "sharetoken", "share_from", "share_source", "share_medium",
        "share_plat", "share_session_id", "share_tag", "share_times", "vd_source", "spm", "scm",
        "_branch_match_id", "_branch_referrer", "hootpostid", "socialflow", "echobox", "sr_share",
        "soc_src", "soc_trk", ".tsrc", "guccounter", "guce_referrer", "guce_referrer_sig",
        "recruiter", "refsrc"};
    const Names publishers{
        // Papers and broadcasters, as their own feeds, share buttons and letters write them:
        // smid smtyp smvar emc nl nlid (New York Times), itid wprss wpisrc wpmm wpmk (Washington
        // Post), cmp (Guardian), maca (Deutsche Welle), ocid (BBC, MSN), mbid cndid (Condé Nast),
        // tpcc (TechCrunch, Time), ncid (AOL, HuffPost), ito (Daily Mail), eref (CNN), ftag (CBS,
        // ZDNET), sref (Bloomberg), taid (Reuters), n_cid (Nikkei), sara_ref sara_ecid (Spiegel),
        // traffic_source (Al Jazeera), feedtype and feedname (Reuters), esrc bxid (Hearst).
        "smid", "smtyp", "smvar", "emc", "nlid", "itid", "wprss", "wpisrc", "wpmm", "wpmk", "cmp",
        "maca", "ocid", "mbid", "cndid", "tpcc", "ncid", "ito", "eref", "ftag", "sref", "taid",
        "n_cid", "sara_ref", "sara_ecid", "traffic_source", "feedtype", "feedname", "esrc", "bxid",
        // AMP caches of Google ("AMP URL parameters").
        "amp_js_v", "amp_gsa", "amp_ct", "amp_tf", "usqp", "aoh"};
    names.insert(names.end(), publishers.begin(), publishers.end());
    std::sort(names.begin(), names.end());
    return names;
  }();
  return std::binary_search(kNames.begin(), kNames.end(), name);
}

/// Families: everything that begins so.
bool is_of_tracking_family(std::string_view name) {
  // utm: Urchin and Google; mtm: Matomo; hsa: HubSpot's advertisements; at_: AT Internet and the
  // BBC; wt.: Webtrends.
  static constexpr std::array<std::string_view, 8> kPrefixes{
      "utm_", "mtm_", "hsa_", "at_medium", "at_campaign", "at_custom", "at_link", "wt."};
  return std::any_of(kPrefixes.begin(), kPrefixes.end(),
                     [&](std::string_view prefix) { return name.starts_with(prefix); });
}

/// "rss", "rss_topnews", "en-rss-all": a word of the value, not a part of one.
bool has_word(std::string_view value, std::string_view word) {
  for (std::size_t at = value.find(word); at != std::string_view::npos;
       at = value.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !text::ascii::is_alphanumeric(value[at - 1])) &&
        (end == value.size() || !text::ascii::is_alphanumeric(value[end])))
      return true;
  }
  return false;
}

/// Names that tell the way with some values, and the page with others.
bool is_way_by_value(const Parameter& parameter) {
  static constexpr std::array<std::string_view, 12> kNames{"ref", "source",  "src",      "from",
                                                           "via", "origin",  "mod",      "cid",
                                                           "xid", "partner", "referrer", "referer"};
  static constexpr std::array<std::string_view, 14> kValues{
      "twitter",      "facebook",   "linkedin",   "whatsapp",    "telegram",
      "flipboard",    "newsletter", "feedburner", "socialmedia", "singlemessage",
      "groupmessage", "googlenews", "applenews",  "timeline"};
  if (std::find(kNames.begin(), kNames.end(), parameter.name) == kNames.end()) return false;
  const std::string value = text::ascii::lower(parameter.value);
  // A feed is named within the value; the others are the whole of it.
  if (has_word(value, "rss") || value == "feed" || value == "atom" || value == "share") return true;
  // The Wall Street Journal and its sisters name the place of a link.
  if (parameter.name == "mod")
    return value.starts_with("hp_") || value.starts_with("djem") || value.starts_with("e2");
  return std::find(kValues.begin(), kValues.end(), value) != kValues.end();
}

/// The public radio of the United States marks its feeds by two parameters that mean nothing else
/// only together.
bool is_radio_feed(const Parameter& parameter, const std::vector<Parameter>& query) {
  const auto marks = [](const Parameter& one) { return one.name == "ft" && one.value == "nprml"; };
  return marks(parameter) ||
         (parameter.name == "f" && std::any_of(query.begin(), query.end(), marks));
}

constexpr std::size_t kLeastSessionId = 16;

/// What a program makes up: long, without a blank, with digits among its characters.
bool is_made_up(std::string_view value) {
  const auto fits = [](char c) {
    return text::ascii::is_alphanumeric(c) ||
           std::string_view("-_.,!~*").find(c) != std::string::npos;
  };
  return value.size() >= kLeastSessionId && std::all_of(value.begin(), value.end(), fits) &&
         std::any_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// The names that servlet containers, PHP, ASP, ColdFusion and forum programs give to their
/// sessions; what is a word of everyday use counts with a value that is made up.
bool is_session(const Parameter& parameter) {
  static constexpr std::array<std::string_view, 13> kNames{
      "jsessionid",    "phpsessid",    "phpsessionid", "asp.net_sessionid",
      "cfid",          "cftoken",      "oscsid",       "zenid",
      "xtcsid",        "bv_sessionid", "bv_engineid",  "sap-sessionid",
      "jservsessionid"};
  static constexpr std::array<std::string_view, 7> kEveryday{
      "sessionid", "session_id", "session-id", "session", "sessid", "sid", "s"};
  if (std::find(kNames.begin(), kNames.end(), parameter.name) != kNames.end()) return true;
  if (parameter.name.starts_with("aspsessionid")) return true;
  return std::find(kEveryday.begin(), kEveryday.end(), parameter.name) != kEveryday.end() &&
         is_made_up(parameter.value);
}

/// "(S(lit3py55t21z5v55vlm25s55))": ASP.NET's cookieless session.
bool is_bracketed_session(std::string_view segment) {
  if (segment.size() < kLeastSessionId || !segment.starts_with('(') || !segment.ends_with("))"))
    return false;
  return segment.size() > 3 && segment[1] >= 'A' && segment[1] <= 'Z' && segment[2] == '(';
}

/// A segment without its parameters that are sessions.
std::string without_session_parameters(std::string_view segment) {
  std::string out;
  bool first = true;
  while (!segment.empty()) {
    const std::size_t end = std::min(segment.find(';', first ? 0 : 1), segment.size());
    const std::string_view part = segment.substr(0, end);
    if (first || !is_session(read_parameter(part.substr(1)))) out += part;
    segment.remove_prefix(end);
    first = false;
  }
  return out;
}

}  // namespace

Parameter read_parameter(std::string_view written) {
  const std::size_t equals = written.find('=');
  return {text::ascii::lower(decode(written.substr(0, equals))),
          equals == std::string_view::npos ? std::string() : decode(written.substr(equals + 1))};
}

bool names_no_page(const Parameter& parameter, const std::vector<Parameter>& query) {
  return is_tracking_name(parameter.name) || is_of_tracking_family(parameter.name) ||
         is_way_by_value(parameter) || is_radio_feed(parameter, query) || is_session(parameter);
}

std::string without_session_ids(std::string_view path) {
  if (path.find(';') == std::string_view::npos && path.find('(') == std::string_view::npos)
    return std::string(path);
  std::string out;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(1, end - 1);
    std::string kept = without_session_parameters(segment);
    // What would now lead upwards stays as it was: the path has been resolved already.
    if (kept == "." || kept == "..") kept = segment;
    if (!is_bracketed_session(kept)) out += '/' + kept;
    path.remove_prefix(end);
  }
  return out.empty() ? "/" : out;
}

}  // namespace vigie::url
