#include "platform/secrets/sealer.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "platform/process/process.h"
#include "platform/secrets/key_file.h"
#include "tests/fakes/seeded_random.h"

namespace vigie::secrets {
namespace {

const std::string kOld(64, 'a');
const std::string kNew(64, 'b');

class Sealing : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/vigie-sealer-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    dir_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  std::filesystem::path file(const std::string& text, int mode = 0600) {
    const auto path = dir_ / ("keys" + std::to_string(++files_));
    std::ofstream(path) << text;
    EXPECT_EQ(::chmod(path.c_str(), static_cast<mode_t>(mode)), 0);
    return path;
  }
  Sealer sealer(const std::string& text) {
    auto read = Sealer::read(file(text), "webhook.key_file", random_);
    EXPECT_TRUE(read) << read.error().to_string();
    return *read;
  }

  std::filesystem::path dir_;
  SeededRandom random_{1};
  int files_ = 0;
};

TEST_F(Sealing, OpensWhatItSealedAndHidesIt) {
  const Sealer sealer = this->sealer(kOld);
  for (const std::string& text : {std::string(), std::string("whsec_x"), std::string(5000, 'x')}) {
    const std::string sealed = sealer.seal(text, "subscription/channel");
    const auto opened = sealer.open(sealed, "subscription/channel");
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->text, text);
    EXPECT_TRUE(opened->by_first);
    if (!text.empty()) EXPECT_EQ(sealed.find(text), std::string::npos);
  }
  EXPECT_NE(sealer.seal("a", "c"), sealer.seal("a", "c")) << "equal texts cannot be told";
}

TEST_F(Sealing, OpensNothingThatWasChangedOrIsAnothers) {
  const Sealer sealer = this->sealer(kOld);
  const std::string sealed = sealer.seal("whsec_x", "one");
  EXPECT_FALSE(sealer.open(sealed, "two"));
  EXPECT_FALSE(this->sealer(kNew).open(sealed, "one"));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(sealer.open(changed, "one")) << i;
    EXPECT_FALSE(sealer.open(sealed.substr(0, i), "one")) << i;
  }
}

// Source: McGrew and Viega, The Galois/Counter Mode of Operation, appendix B, test case 14.
TEST_F(Sealing, IsAes256Gcm) {
  const Sealer sealer = this->sealer(std::string(64, '0'));
  const std::string head = sealer.seal("", "").substr(0, 5);  // version and name of the key
  const std::string sealed = head + std::string(12, '\0') +
                             from_hex("cea7403d4d606b6e074ec5d3baf39d18").value() +
                             from_hex("d0d1c8a799996bf0265b98b5d48ab919").value();
  const auto opened = sealer.open(sealed, "");
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->text, std::string(16, '\0'));
}

TEST_F(Sealing, ChangesKeysWithoutAGap) {
  const std::string before = sealer(kOld).seal("whsec_x", "c");
  const Sealer both = sealer(kNew + "\n" + kOld + "\n");
  const auto opened = both.open(before, "c");
  ASSERT_TRUE(opened);
  EXPECT_FALSE(opened->by_first) << "to be sealed anew";
  EXPECT_TRUE(sealer(kNew).open(both.seal("whsec_x", "c"), "c"));
}

TEST_F(Sealing, MakesAFileThatOnlyItsAccountReads) {
  const auto path = dir_ / "webhook.key";
  const auto made = Sealer::read_or_make(path, "webhook.key_file", random_);
  ASSERT_TRUE(made) << made.error().to_string();
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  const auto again = Sealer::read_or_make(path, "webhook.key_file", random_);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->open(made->seal("x", "c"), "c")) << "made once, then kept";
}

TEST_F(Sealing, RefusesFilesThatAreNone) {
  const auto refused = [&](const std::filesystem::path& path) {
    const auto read = Sealer::read(path, "webhook.key_file", random_);
    EXPECT_FALSE(read);
    return read ? Error{} : read.error();
  };
  EXPECT_EQ(refused(dir_ / "none").code, ErrorCode("bad_keys_file"));
  EXPECT_EQ(refused(file("")).code, ErrorCode("bad_keys_file"));
  EXPECT_EQ(refused(file("# a comment\n\n")).code, ErrorCode("bad_keys_file"));
  EXPECT_EQ(refused(file(std::string(63, 'a'))).code, ErrorCode("bad_keys_file"));
  EXPECT_TRUE(refused(file(kOld + "\n" + std::string(64, 'g'))).where.ends_with(":2"));
  EXPECT_NE(refused(file(kOld, 0604)).detail.find("chmod o-rwx"), std::string::npos);
  EXPECT_NE(refused(file(kOld, 0602)).detail.find("chmod o-rwx"), std::string::npos)
      << "who writes it adds a key";
  EXPECT_TRUE(Sealer::read(file(kOld, 0640), "webhook.key_file", random_)) << "a group may";
}

}  // namespace
}  // namespace vigie::secrets
