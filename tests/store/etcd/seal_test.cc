// What lies in etcd is sealed.
#include "store/etcd/seal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "store/etcd/layout.h"
#include "tests/support/status_matchers.h"

namespace interlink::store {
namespace {

using interlink::testing::IsOk;
using interlink::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const auto kDamaged = StatusIs(absl::StatusCode::kDataLoss);

class SealTest : public ::testing::Test {
 protected:
  static Seal Make(char key) { return *Seal::Make(std::string(32, key)); }

  const Seal seal_ = Make('a');
};

TEST_F(SealTest, WhatWasSealedOpens) {
  for (const std::string& value :
       {std::string(), std::string("\0\xff", 2), std::string(64 * 1024, 'x')}) {
    const std::string sealed = seal_.Close("name", value);
    EXPECT_EQ(sealed.size(), value.size() + Seal::kOverhead);
    const auto opened = seal_.Open("name", sealed);
    ASSERT_THAT(opened, IsOk());
    EXPECT_EQ(*opened, value);
  }
}

TEST_F(SealTest, TheSameValueIsNeverSealedTheSame) {
  EXPECT_NE(seal_.Close("name", "value"), seal_.Close("name", "value"));
  EXPECT_THAT(seal_.Close("name", "a secret value"), Not(HasSubstr("secret")));
}

TEST_F(SealTest, AnotherNameOrKeyDoesNotOpenIt) {
  const std::string sealed = seal_.Close("name", "value");
  EXPECT_THAT(seal_.Open("nam", sealed), kDamaged);
  EXPECT_THAT(seal_.Open("", sealed), kDamaged);
  EXPECT_THAT(Make('b').Open("name", sealed), kDamaged);
}

TEST_F(SealTest, EveryBitIsProved) {
  const std::string sealed = seal_.Close("name", "value");
  for (size_t i = 1; i < sealed.size(); ++i) {
    std::string damaged = sealed;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_THAT(seal_.Open("name", damaged), kDamaged) << i;
  }
  for (size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_THAT(seal_.Open("name", sealed.substr(0, size)), kDamaged) << size;
  }
}

TEST_F(SealTest, ALaterVersionIsToldFromDamage) {
  std::string sealed = seal_.Close("name", "value");
  sealed[0] = 2;
  EXPECT_THAT(seal_.Open("name", sealed),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("its first byte is 2")));
}

TEST_F(SealTest, AKeyHas32Bytes) {
  for (const size_t size : {size_t{0}, size_t{31}, size_t{33}}) {
    EXPECT_THAT(
        Seal::Make(std::string(size, 'k')),
        StatusIs(absl::StatusCode::kInvalidArgument,
                 AllOf(HasSubstr("32"), HasSubstr(std::to_string(size)))));
  }
}

// Sealed by another program, so that nobody changes the bytes unnoticed.
TEST_F(SealTest, ItIsAes256GcmOverVersionAndName) {
  const std::string sealed =
      "\x01nnnnnnnnnnnn" +
      absl::HexStringToBytes("a28ff2b67cfccb967115fd7221f44ba23e5d7d493a");
  const auto opened = seal_.Open("name", sealed);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(*opened, "value");
}

TEST(LayoutTest, AKeyIsFoundInItsNameAgain) {
  const Layout layout("/a/", *Seal::Make(std::string(32, 'k')));
  EXPECT_EQ(layout.Data("number/1"), "/a/data/number/1");
  EXPECT_EQ(layout.KeyOf("/a/data/number/1"), "number/1");
  EXPECT_EQ(layout.end(), "/a0");
  for (const char* name : {"/a/data/", "/a/commit", "/a/leader", "/b/data/x"}) {
    EXPECT_EQ(layout.KeyOf(name), std::nullopt) << name;
  }
}

TEST(LayoutTest, AValueOpensUnderItsKeyOnly) {
  const Layout layout("/a/", *Seal::Make(std::string(32, 'k')));
  const std::string sealed = layout.SealValue("x", 7, "value");
  const auto entry = layout.OpenValue("x", sealed);
  ASSERT_THAT(entry, IsOk());
  EXPECT_EQ(entry->value, "value");
  EXPECT_EQ(entry->revision, 7u);
  EXPECT_THAT(layout.OpenValue("y", sealed),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("/a/data/y")));
  // Nor is it one of another account with the same key.
  const Layout other("/b/", *Seal::Make(std::string(32, 'k')));
  EXPECT_THAT(other.OpenValue("x", sealed), kDamaged);
}

TEST(LayoutTest, ACommitThatDoesNotOpenAsksForTheRightKey) {
  const Layout layout("/a/", *Seal::Make(std::string(32, 'k')));
  EXPECT_EQ(*layout.OpenCommit(layout.SealCommit(9)), 9u);
  EXPECT_NE(layout.SealCommit(9), layout.SealCommit(9));
  const Layout other("/a/", *Seal::Make(std::string(32, 'l')));
  EXPECT_THAT(other.OpenCommit(layout.SealCommit(9)),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("seal key is not the one")));
}

}  // namespace
}  // namespace interlink::store
