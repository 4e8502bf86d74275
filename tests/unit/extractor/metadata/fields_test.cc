#include "extractor/metadata/fields.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>
#include <type_traits>

#include "extractor/metadata/field_rule.h"
#include "extractor/metadata/page.h"
#include "extractor/metadata/rules.h"

namespace vigie::extractor::metadata {
namespace {

template <Field Rule, Field To>
concept ReadsInto = requires(const FieldRule<Rule>& rule, Page& page, Claims& claims, Of<To>& to) {
  read(rule, page, claims, to);
};

// A field read under another's name does not compile, nor does a value put in another's place.
static_assert(ReadsInto<Field::kSiteName, Field::kSiteName>);
static_assert(!ReadsInto<Field::kSiteName, Field::kDescription>);
static_assert(!ReadsInto<Field::kPublished, Field::kModified>);
static_assert(std::is_assignable_v<Of<Field::kTitle>&, Of<Field::kTitle>>);
static_assert(!std::is_assignable_v<Of<Field::kTitle>&, Of<Field::kSection>>);
static_assert(!std::is_assignable_v<Of<Field::kTitle>&, std::string>);
static_assert(!std::is_assignable_v<Of<Field::kPublished>&, Of<Field::kModified>>);
static_assert(!std::is_convertible_v<Carrier<Field::kTags>, Carrier<Field::kAuthors>>);

TEST(Fields, HaveANameEach) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(Field::kPageType); ++i)
    EXPECT_TRUE(names.insert(field_name(static_cast<Field>(i))).second);
  EXPECT_TRUE(names.contains("canonical_url"));
}

void first(Page&, std::string_view carrier, FieldClaims<Field::kSection>& to) {
  to.offer(carrier, "");
}
void second(Page&, std::string_view carrier, FieldClaims<Field::kSection>& to) {
  to.offer(carrier, "World");
}
void third(Page&, std::string_view carrier, FieldClaims<Field::kSection>& to) {
  to.offer(carrier, "Local");
}
std::string exclaimed(std::string value, Page&) { return value + "!"; }

constexpr std::array kCarriers =
    std::to_array<Carrier<Field::kSection>>({{"empty", first}, {"best", second}, {"other", third}});
constexpr FieldRule<Field::kSection> kRule{kCarriers, exclaimed};

// The first carrier that gives something wins; those behind it are asked where all are wanted.
TEST(FieldRule, TakesTheFirstThatGivesSomething) {
  const dom::Document document = dom::parse("<h1>x</h1>");
  for (const bool all : {false, true}) {
    PageFacts facts;
    facts.all_claims = all;
    Page page(document, facts);
    Of<Field::kSection> section;
    EXPECT_EQ(read(kRule, page, page.claims, section), "best");
    EXPECT_EQ(section, "World!");
    const std::vector<Claim> claims = page.claims.take();
    ASSERT_EQ(claims.size(), all ? 2U : 1U);
    EXPECT_EQ(claims[0].field, Field::kSection);
    EXPECT_EQ(claims[0].value, "World");
    EXPECT_TRUE(claims[0].chosen);
    if (!all) continue;
    EXPECT_EQ(claims[1].rank, 2);
    EXPECT_FALSE(claims[1].chosen);
  }
}

}  // namespace
}  // namespace vigie::extractor::metadata
