#include "federation/linking/authorization_key.h"

#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "federation/identity/certificate.h"
#include "interlink/federation/v1/federation.pb.h"
#include "tests/federation/reason_matcher.h"

namespace interlink::federation {
namespace {

using std::chrono_literals::operator""s;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::Refuses;

AuthorizationKey Example() {
  std::string secret;
  for (char c = 0; c < 32; ++c) secret += c;
  return {
      .interlink_id = *store::InterlinkId::FromBytes(std::string(16, '\x11')),
      .secret = secret,
      .issuer_account_id =
          *store::AccountId::FromBytes(std::string(16, '\x22')),
      .issuer_root_spki_sha256 = std::string(32, '\x33'),
      .addresses = {"pbx.example.net:7443", "[2001:db8::1]:7443"},
      .expire_time = WallTime(1'800'000'000s),
  };
}

// Computed by another program, so that keys sent by earlier versions stay good.
constexpr char kExampleText[] =
    "ilk1_ChAREREREREREREREREREREREiAAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0e"
    "HxoQIiIiIiIiIiIiIiIiIiIiIiIgMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMqFH"
    "BieC5leGFtcGxlLm5ldDo3NDQzKhJbMjAwMTpkYjg6OjFdOjc0NDMwgKSn2ga294YT";

v1::AuthorizationKey Message() {
  v1::AuthorizationKey message;
  EXPECT_TRUE(message.ParseFromString(Example().ToBytes()));
  return message;
}

std::string TextOf(const std::string& body) {
  return "ilk1_" + absl::WebSafeBase64Escape(body + Sha256(body).substr(0, 4));
}

std::string TextOf(const v1::AuthorizationKey& message) {
  return TextOf(message.SerializeAsString());
}

void ExpectIsExample(const absl::StatusOr<AuthorizationKey>& key) {
  ASSERT_THAT(key, IsOk());
  const AuthorizationKey example = Example();
  EXPECT_EQ(key->interlink_id, example.interlink_id);
  EXPECT_EQ(key->secret, example.secret);
  EXPECT_EQ(key->issuer_account_id, example.issuer_account_id);
  EXPECT_EQ(key->issuer_root_spki_sha256, example.issuer_root_spki_sha256);
  EXPECT_EQ(key->addresses, example.addresses);
  EXPECT_EQ(key->expire_time, example.expire_time);
}

TEST(AuthorizationKeyTest, TheTextIsAsPublished) {
  EXPECT_EQ(Example().ToText(), kExampleText);
  ExpectIsExample(AuthorizationKey::Parse(kExampleText));
}

TEST(AuthorizationKeyTest, BytesReadBack) {
  ExpectIsExample(AuthorizationKey::FromBytes(Example().ToBytes()));
}

TEST(AuthorizationKeyTest, EveryTruncationIsDamage) {
  const std::string text = kExampleText;
  for (size_t size = 0; size < text.size(); ++size) {
    EXPECT_THAT(AuthorizationKey::Parse(text.substr(0, size)),
                Refuses(Reason::kKeyDamaged))
        << size;
    if (size == 0) continue;
    EXPECT_THAT(AuthorizationKey::Parse(text.substr(size)),
                Refuses(Reason::kKeyDamaged))
        << size;
  }
}

TEST(AuthorizationKeyTest, EveryChangedCharacterIsDamage) {
  const std::string text = kExampleText;
  const std::string replacements =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=.";
  for (size_t i = 0; i < text.size(); ++i) {
    for (char c : replacements) {
      if (c == text[i]) continue;
      // "ilk2_" is a key of a later version, not a damaged one.
      if (i == 3 && c >= '2' && c <= '9') continue;
      std::string changed = text;
      changed[i] = c;
      ASSERT_THAT(AuthorizationKey::Parse(changed),
                  Refuses(Reason::kKeyDamaged))
          << i << " " << c;
    }
  }
}

TEST(AuthorizationKeyTest, EveryDoubledOrMissingCharacterIsDamage) {
  const std::string text = kExampleText;
  for (size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed.erase(i, 1);
    EXPECT_THAT(AuthorizationKey::Parse(changed), Refuses(Reason::kKeyDamaged));
    changed = text;
    changed.insert(i, 1, text[i]);
    // "ilk11_" is a key of a later version.
    EXPECT_THAT(
        AuthorizationKey::Parse(changed),
        AnyOf(Refuses(Reason::kKeyDamaged), Refuses(Reason::kKeyVersion)));
  }
}

TEST(AuthorizationKeyTest, SpaceFromMailIsIgnored) {
  std::string text = kExampleText;
  text.insert(100, " \r\n\t ");
  text.insert(3, "\n");
  ExpectIsExample(AuthorizationKey::Parse("  \n" + text + "\r\n"));
}

TEST(AuthorizationKeyTest, AKeyIsFoundInWhatPeoplePaste) {
  const std::string key = kExampleText;
  std::string wrapped;
  std::string quoted;
  for (size_t i = 0; i < key.size(); i += 60) {
    wrapped += key.substr(i, 60) + "=\r\n";  // Quoted-printable.
    quoted += "> " + key.substr(i, 60) + "\n";
  }
  for (const std::string& text :
       {"\"" + key + "\"", "'" + key + "'", "`" + key + "`", "*" + key + "*",
        "_" + key + "_", "**" + key + "**", "Yours: ___" + key + "___.",
        "\xe2\x80\x9c" + key + "\xe2\x80\x9d",  // Quotes as letters have them.
        "\xef\xbb\xbf" + key, "Your key: " + key + ".",
        "Mike, enter this one that begins with ilk1_ please: " + key, wrapped,
        quoted, "> > Hello\n" + quoted + "Best regards, John\n",
        "\xe2\x94\x8c\xe2\x94\x80 Authorization key\n\xe2\x94\x82 It links "
        "one account, once.\n\n" +
            key + "\n\n-- \nJohn",
        "| " + key.substr(0, 50) + " |\n| " + key.substr(50) + " |\n",
        "ilk1_" + key.substr(9, 40) + " was cut short, so again: " + key}) {
    SCOPED_TRACE(text);
    ExpectIsExample(AuthorizationKey::Parse(text));
  }
}

TEST(AuthorizationKeyTest, TextAroundADamagedKeyDoesNotHideThatItIsOne) {
  std::string key = kExampleText;
  key.erase(50, 1);
  EXPECT_THAT(AuthorizationKey::Parse("Your key: \"" + key + "\", John"),
              Refuses(Reason::kKeyDamaged, HasSubstr("cut short")));
  EXPECT_THAT(AuthorizationKey::Parse("Your key: ilk2_AAAA"),
              Refuses(Reason::kKeyVersion));
}

// If 16 KiB of text were a minute of work, the event loop would stand still.
TEST(AuthorizationKeyTest, ATextOfPrefixesIsGivenUpSoon) {
  std::string text;
  while (text.size() < 16000) text += "ilk1_ ";
  EXPECT_THAT(AuthorizationKey::Parse(text), Refuses(Reason::kKeyDamaged));
}

TEST(AuthorizationKeyTest, ALaterVersionIsNamedAsSuch) {
  for (const char* text : {"ilk2_AAAA", "ilk9_", "ilk10_x", "ilk999_x"}) {
    EXPECT_THAT(AuthorizationKey::Parse(text), Refuses(Reason::kKeyVersion))
        << text;
  }
  for (const char* text :
       {"ilk_AAAA", "ilk0_AAAA", "ilk01_AAAA", "ilk00_", "ilkx_AAAA",
        "ilk12345_x", "ilk2AAAA", "xilk2_AA", "ilk-2_AA"}) {
    EXPECT_THAT(AuthorizationKey::Parse(text), Refuses(Reason::kKeyDamaged))
        << text;
  }
}

TEST(AuthorizationKeyTest, TheMessageSaysWhatIsWrong) {
  EXPECT_THAT(AuthorizationKey::Parse(" \n"),
              Refuses(Reason::kKeyDamaged, HasSubstr("no key")));
  EXPECT_THAT(AuthorizationKey::Parse("hello"),
              Refuses(Reason::kKeyDamaged, HasSubstr("begins with ilk1_")));
  EXPECT_THAT(AuthorizationKey::Parse("ilk1_AAAA"),
              Refuses(Reason::kKeyDamaged, HasSubstr("cut short")));
  EXPECT_THAT(AuthorizationKey::Parse(std::string(kExampleText) +
                                      std::string(16384, ' ')),
              Refuses(Reason::kKeyDamaged, HasSubstr("too long")));
}

TEST(AuthorizationKeyTest, FieldsOfALaterMinorVersionAreTolerated) {
  ExpectIsExample(
      AuthorizationKey::Parse(TextOf(Example().ToBytes() + "\xfa\x01\x02hi")));
}

TEST(AuthorizationKeyTest, AMissingPartOrOneOfTheWrongSizeIsRefused) {
  const auto refused = [](auto change) {
    v1::AuthorizationKey message = Message();
    change(message);
    EXPECT_THAT(AuthorizationKey::Parse(TextOf(message)),
                Refuses(Reason::kKeyDamaged, HasSubstr("lacks a part")))
        << message.ShortDebugString();
  };
  refused([](auto& m) { m.clear_interlink_id(); });
  refused([](auto& m) { m.set_interlink_id(std::string(17, 'x')); });
  refused([](auto& m) { m.clear_secret(); });
  refused([](auto& m) { m.set_secret(std::string(31, 'x')); });
  refused([](auto& m) { m.clear_issuer_account_id(); });
  refused([](auto& m) { m.clear_issuer_root_spki_sha256(); });
  refused([](auto& m) { m.set_issuer_root_spki_sha256("short"); });
  refused([](auto& m) { m.clear_addresses(); });
  refused([](auto& m) {
    for (int i = 0; i < 3; ++i) m.add_addresses("a.example:1");
  });
  refused([](auto& m) { m.set_addresses(0, "unix:/run/x"); });
  refused([](auto& m) { m.set_expire_time_seconds(-1); });
  EXPECT_THAT(AuthorizationKey::Parse(TextOf("\xff\xff\xff")),
              Refuses(Reason::kKeyDamaged));
}

TEST(AuthorizationKeyTest, NoExpiryAndOneBeyondEveryClockReadBack) {
  AuthorizationKey endless = Example();
  endless.expire_time.reset();
  auto key = AuthorizationKey::Parse(endless.ToText());
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(key->expire_time, std::nullopt);
  for (int64_t seconds :
       {int64_t{253402300799}, int64_t{253402300800}, INT64_MAX}) {
    v1::AuthorizationKey message = Message();
    message.set_expire_time_seconds(seconds);
    key = AuthorizationKey::Parse(TextOf(message));
    ASSERT_THAT(key, IsOk());
    EXPECT_TRUE(!key->expire_time ||
                *key->expire_time > WallTime(8'000'000'000s));
  }
}

TEST(AuthorizationKeyTest, TheLongestPossibleKeyFits) {
  AuthorizationKey key = Example();
  const std::string label(61, 'a');
  key.addresses.assign(
      4, label + "." + label + "." + label + "." + label + ".abcde:65535");
  EXPECT_LE(key.ToText().size(), AuthorizationKey::kMaxTextBytes);
  EXPECT_THAT(AuthorizationKey::Parse(key.ToText()), IsOk());
}

}  // namespace
}  // namespace interlink::federation
