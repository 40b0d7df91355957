#include "daemon/config/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "daemon/config/account_settings.h"
#include "tests/daemon/config_fixture.h"

namespace interlink::daemon {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using SettingsTest = ConfigTest;

std::vector<std::string> NeverRemote(const Config& config) {
  std::vector<std::string> texts;
  for (store::InternalNumber number : config.never_remote) {
    texts.push_back(number.ToString());
  }
  return texts;
}

std::vector<std::string> ContactHosts(const Config& config) {
  std::vector<std::string> texts;
  for (const federation::Host& host : config.contact_hosts) {
    texts.push_back(host.text());
  }
  return texts;
}

TEST_F(SettingsTest, ListsComeFromEverySource) {
  EXPECT_THAT(
      NeverRemote(Good({"--never-remote", "1,2", "--never-remote", "3"})),
      ElementsAre("1", "2", "3"));
  EXPECT_THAT(
      NeverRemote(Good({"--config", File("never-remote = [\"4\", \"5\"]\n")})),
      ElementsAre("4", "5"));
  EXPECT_THAT(NeverRemote(Good({"--config", File("never-remote = \"4,5\"\n")})),
              ElementsAre("4", "5"));
  Set("INTERLINK_NEVER_REMOTE", "6,7");
  EXPECT_THAT(NeverRemote(Good({})), ElementsAre("6", "7"));
}

TEST_F(SettingsTest, TrustedProxiesAreAddressesAndNetworks) {
  const Config config = Good({"--trusted-proxies", "192.0.2.0/24,2001:db8::1"});
  const auto trusts = [&config](const char* address) {
    return AnyContains(config.trusted_proxies,
                       boost::asio::ip::make_address(address));
  };
  EXPECT_TRUE(trusts("192.0.2.7"));
  EXPECT_TRUE(trusts("2001:db8::1"));
  EXPECT_FALSE(trusts("198.51.100.1"));
}

TEST_F(SettingsTest, CallsHaveSettings) {
  const Config usual = Good({});
  EXPECT_EQ(usual.call_admission, "open");
  EXPECT_EQ(Good({"--pbx-http-listen", "127.0.0.1:0"}).call_admission, "token");
  EXPECT_EQ(usual.call_token_life, 180);
  EXPECT_EQ(usual.call_limit, 20);
  const Config config = Good({"--call-admission", "token", "--call-token-life",
                              "10m", "--call-limit", "0"});
  const federation::AccountSettings settings = SettingsFrom(config, {});
  EXPECT_TRUE(settings.asks_for_call_tokens);
  EXPECT_EQ(settings.call_token_life, std::chrono::minutes(10));
  EXPECT_EQ(settings.call_limit, 0);
}

TEST_F(SettingsTest, AContactWithTokensHasNothingBesideTheNumber) {
  const char* contact = "sip:x{number}@pbx.example.net";
  EXPECT_EQ(Good({"--contact", contact}).contact, contact);
  EXPECT_THAT(Refusal({"--contact", contact, "--call-admission", "token"}),
              AllOf(HasSubstr("--contact: CONTACT_INVALID"),
                    HasSubstr("write sip:{number}@pbx.example.net, or")));
  Good({"--contact", "sips:{number}@pbx.example.net;lr", "--call-admission",
        "token"});
}

TEST_F(SettingsTest, AListThatIsEmptyInTheFileIsEmpty) {
  EXPECT_THAT(NeverRemote(Good({"--config", File("never-remote = []\n")})),
              IsEmpty());
}

// CLI11 takes the brackets off what it knows to be a list.
TEST_F(SettingsTest, IPv6StandsInBracketsInEveryList) {
  const std::vector<std::string> hosts = {"[2001:db8::1]", "[::1]"};
  EXPECT_EQ(ContactHosts(Good({"--contact-hosts", "[2001:DB8::1],[::1]"})),
            hosts);
  EXPECT_EQ(ContactHosts(Good({"--contact-hosts", "[2001:DB8::1]",
                               "--contact-hosts", "[::1]"})),
            hosts);
  EXPECT_EQ(ContactHosts(Good(
                {"--config",
                 File("contact-hosts = [\"[2001:db8::1]\", \"[0::1]\"]\n")})),
            hosts);
  Set("INTERLINK_CONTACT_HOSTS", "[2001:db8:0::1],[::1]");
  EXPECT_EQ(ContactHosts(Good({})), hosts);
  EXPECT_THAT(Good({"--advertise", "[2001:db8::1]:7443"}).advertise,
              ElementsAre("[2001:db8::1]:7443"));
}

TEST_F(SettingsTest, HostsAreTheSameInCapitals) {
  EXPECT_THAT(ContactHosts(Good({"--contact-hosts", "PBX.John.Example"})),
              ElementsAre("pbx.john.example"));
}

TEST_F(SettingsTest, PathsAreTakenAsTheWorldWritesThem) {
  EXPECT_EQ(Good({"--data-dir", "/srv/pbx//"}).data_dir, "/srv/pbx");
  EXPECT_EQ(Good({"--data-dir", "/"}).data_dir, "/");
  for (const std::string path :
       {"/run/a.sock", "unix:/run/a.sock", "unix:///run/a.sock"}) {
    EXPECT_EQ(Good({"--api-socket", path}).api_socket, "/run/a.sock");
    EXPECT_EQ(Good({"--pbx-socket", path}).pbx_socket, "/run/a.sock");
  }
  EXPECT_THAT(Refusal({"--api-socket", "/run/pbx/"}),
              HasSubstr("--api-socket"));
}

TEST_F(SettingsTest, GroupsAreNamesOrNumbersOfThisMachine) {
  EXPECT_EQ(Good({"--api-socket-group", "root"}).api_socket_group, 0u);
  EXPECT_EQ(Good({"--api-socket-group", "4711"}).api_socket_group, 4711u);
  EXPECT_EQ(Good({"--pbx-socket", "/run/pbx.sock", "--pbx-socket-group", "0"})
                .pbx_socket_group,
            0u);
  EXPECT_FALSE(Good({}).api_socket_group.has_value());
  EXPECT_THAT(Refusal({"--api-socket-group", "no such group"}),
              AllOf(HasSubstr("--api-socket-group"), HasSubstr("group")));
  EXPECT_THAT(Refusal({"--api-socket-group", "4294967295"}),
              HasSubstr("group"));
  EXPECT_THAT(Refusal({"--pbx-socket-group", "root"}),
              HasSubstr("--pbx-socket"));
}

TEST_F(SettingsTest, ATimeIsInSecondsOrHasAUnit) {
  EXPECT_EQ(Good({}).max_stale, 3600);
  EXPECT_EQ(Good({"--max-stale", "30m"}).max_stale, 1800);
  EXPECT_EQ(Good({"--config", File("max-stale = 90\n")}).max_stale, 90);
  EXPECT_EQ(Good({"--config", File("max-stale = \"2h\"\n")}).max_stale, 7200);
  EXPECT_EQ(Good({"--max-stale", "1w"}).max_stale, 604'800);
}

TEST_F(SettingsTest, NoneIsAdvertisedAloneAndAtMostFourAddressesAre) {
  EXPECT_THAT(Refusal({"--advertise", "none", "--advertise", "a.example:1"}),
              AllOf(HasSubstr("--advertise"), HasSubstr("none")));
  EXPECT_THAT(Refusal({"--advertise", "a:1,b:1,c:1,d:1,e:1"}),
              AllOf(HasSubstr("--advertise"), HasSubstr("4")));
}

TEST_F(SettingsTest, TheHttpDoorIsOffAndOpenToLoopbackAloneUnlessItSaysSo) {
  EXPECT_EQ(Good({}).pbx_http_listen, "");
  const Config plain = Good({"--pbx-http-listen", "127.0.0.1:8088"});
  const auto may_ask = [](const Config& config, const char* address) {
    return AnyContains(config.pbx_http_allow,
                       boost::asio::ip::make_address(address));
  };
  EXPECT_TRUE(may_ask(plain, "127.0.0.1"));
  EXPECT_TRUE(may_ask(plain, "::ffff:127.8.8.8"));
  EXPECT_TRUE(may_ask(plain, "::1"));
  EXPECT_FALSE(may_ask(plain, "10.0.0.5"));
  EXPECT_TRUE(plain.phonebook_allow.empty());
  const Config wide =
      Good({"--pbx-http-listen", "0.0.0.0:8088", "--pbx-http-allow",
            "10.0.0.0/24", "--pbx-http-allow", "10.0.1.5"});
  EXPECT_TRUE(may_ask(wide, "10.0.0.77"));
  EXPECT_TRUE(may_ask(wide, "10.0.1.5"));
  EXPECT_FALSE(may_ask(wide, "127.0.0.1"));
  EXPECT_EQ(Good({"--pbx-http-host", "pbx.example.net"}).pbx_http_host.size(),
            1u);
  for (const char* setting :
       {"--pbx-http-allow", "--phonebook-allow", "--pbx-http-token"}) {
    EXPECT_THAT(
        Refusal({setting, "10.0.0.1"}),
        AllOf(HasSubstr(setting), HasSubstr("needs --pbx-http-listen too")));
  }
}

TEST_F(SettingsTest, TheSipDoorIsOffAndOpenToLoopbackAloneUnlessItSaysSo) {
  EXPECT_EQ(Good({}).sip_listen, "");
  const auto may_ask = [](const Config& config, const char* address) {
    return AnyContains(config.sip_allow,
                       boost::asio::ip::make_address(address));
  };
  const Config plain = Good({"--sip-listen", "127.0.0.1:5070"});
  EXPECT_TRUE(may_ask(plain, "::ffff:127.8.8.8"));
  EXPECT_FALSE(may_ask(plain, "10.0.0.5"));
  const Config wide =
      Good({"--sip-listen", "0.0.0.0:5070", "--sip-allow", "10.0.0.0/24"});
  EXPECT_TRUE(may_ask(wide, "10.0.0.77"));
  EXPECT_FALSE(may_ask(wide, "127.0.0.1"));
  EXPECT_THAT(Refusal({"--sip-allow", "10.0.0.1"}),
              HasSubstr("needs --sip-listen too"));
}

// Whoever asks at a door has tokens checked there.
TEST_F(SettingsTest, ADoorOfThePbxMakesTokensTheDefault) {
  EXPECT_EQ(Good({}).call_admission, "open");
  EXPECT_EQ(Good({"--sip-listen", "127.0.0.1:5070"}).call_admission, "token");
  EXPECT_EQ(Good({"--sip-listen", "127.0.0.1:5070", "--call-admission", "open"})
                .call_admission,
            "open");
}

struct BadValue {
  const char* flag;
  const char* value;
  const char* allowed;
  friend void PrintTo(const BadValue& bad, std::ostream* out) {
    *out << bad.flag << " " << bad.value;
  }
};

constexpr BadValue kBadValues[] = {
    {"--federation-listen", "7443",
     "\"7443\" is not HOST:PORT, such as 127.0.0.1:7443 for this machine "
     "alone, "
     "or 0.0.0.0:7443 for all of its networks"},
    {"--api-listen", ":7444", "such as 127.0.0.1:7444 for this machine alone"},
    {"--http-listen", "9464", "HOST:PORT or none, such as 127.0.0.1:9464 for"},
    {"--pbx-http-listen", "9465", "HOST:PORT, such as 127.0.0.1:9465 for"},
    {"--pbx-http-listen", "94650",
     "HOST:PORT, such as 127.0.0.1:0; the port 0"},
    {"--federation-listen", "0.0.0.0:70000", "70000 is not from 0 to 65535"},
    {"--federation-listen", "", "HOST:PORT"},
    {"--federation-listen", "224.0.0.1:0", "is a multicast address"},
    {"--federation-listen", "[ff02::1]:7443", "is a multicast address"},
    {"--api-listen", "255.255.255.255:7443", "is a reserved address"},
    {"--http-listen", "[::ffff:224.0.0.1]:9464", "is a multicast address"},
    {"--http-listen", "off", "HOST:PORT or none"},
    {"--sip-listen", "5060", "HOST:PORT, such as 127.0.0.1:5060 for"},
    {"--sip-listen", "127.0.0.1", "HOST:PORT, such as 127.0.0.1:0; the port 0"},
    {"--sip-allow", "192.0.2.0/33", "such as 192.0.2.0/24"},
    {"--advertise", "pbx.example.net", "neither HOST:PORT, such as"},
    {"--advertise", "pbx.example.net:0", "neither HOST:PORT, such as"},
    {"--account-name", "", "1 to 64 characters"},
    {"--contact", "sip:201@pbx.example.net", "sip:{number}@pbx.example.net"},
    {"--contact", "sip:{number}@pbx", "CONTACT_INVALID: after the @"},
    {"--contact", "201@pbx.test", "such as sip:{number}@pbx.example.net"},
    {"--contact", "sip:{number}@pbx.example.net;maddr=a.example",
     "CONTACT_INVALID: the only parameters"},
    {"--contact", "sip:{number}&x@pbx.example.net",
     "CONTACT_INVALID: beside {number}"},
    {"--advertise", "0.0.0.0:7443", "all addresses"},
    {"--advertise", "[::]:7443", "all addresses"},
    {"--advertise", "0.0.0.1:7443", "reserved"},
    {"--advertise", "224.0.1.75:7443", "multicast"},
    {"--advertise", "[ff02::1]:7443", "multicast"},
    {"--advertise", "255.255.255.255:7443", "reserved"},
    {"--advertise", "[::ffff:240.0.0.1]:7443", "reserved"},
    {"--advertise", "127.1:7443", "neither HOST:PORT, such as"},
    {"--advertise", "999.1.1.1:7443", "neither HOST:PORT, such as"},
    {"--federation-listen", "0x7f.1:7443", "HOST:PORT"},
    {"--http-listen", "010.1.1.1:0", "HOST:PORT or none"},
    {"--contact", "sip:{number}@0.0.0.0", "CONTACT_INVALID: at 0.0.0.0"},
    {"--contact-hosts", "127.1", "ends in a number"},
    {"--advertise", "https://pbx.example.net:7443",
     "neither HOST:PORT, such as"},
    {"--never-remote", "11a", "1 to 15 digits"},
    {"--never-remote", "112, 911", "1 to 15 digits"},
    {"--never-remote", "112,,911", "1 to 15 digits"},
    {"--contact-hosts", "pbx.john.example:5060", "port"},
    {"--contact-hosts", "sip:pbx.john.example", "URI"},
    {"--contact-hosts", "*.john.example", "star"},
    {"--contact-hosts", " pbx.john.example", "space"},
    {"--contact-hosts", " pbx.john.example ", "\" pbx.john.example \" is not"},
    {"--http-listen", "127.0.0.1:0 ", "\"127.0.0.1:0 \" is not"},
    {"--contact", " sip:{number}@pbx.example.net", "\" sip:{number}@"},
    {"--contact-hosts", "", "empty"},
    {"--trusted-proxies", "192.0.2.0/33", "a network, such as 192.0.2.0/24"},
    {"--pbx-http-allow", "10.0.0.0/33", "a network, such as 192.0.2.0/24"},
    {"--phonebook-allow", "phones", "a network, such as 192.0.2.0/24"},
    {"--pbx-http-host", "pbx.example.net:8088", "port"},
    {"--max-stale", "31d", "30 days"},
    {"--max-stale", "5w", "30m"},
    {"--lookup-limit", "7x", "1000000"},
    {"--lookup-limit", "-1", "1000000"},
    {"--redeem-limit", "many", "1000000"},
    {"--max-connections", "0", "1000000"},
    {"--call-admission", "closed", "open or token"},
    {"--call-token-life", "29", "30 seconds to 10 minutes"},
    {"--call-token-life", "11m", "30 seconds to 10 minutes"},
    {"--call-limit", "-1", "1000000"},
    {"--log-format", "xml", "json"},
    {"--log-level", "loud", "debug"},
    {"--log-level", "wran", "error; did you mean warn?"},
    {"--log-level", "warning", "did you mean warn?"},
    {"--call-admission", "tokens", "did you mean token?"},
};

class BadValueTest : public SettingsTest,
                     public ::testing::WithParamInterface<BadValue> {};

TEST_P(BadValueTest, AsAFlagIsRefusedWithTheFlagAndWhatIsAllowed) {
  EXPECT_THAT(Refusal({GetParam().flag, GetParam().value}),
              AllOf(HasSubstr(GetParam().flag), HasSubstr(GetParam().allowed)));
}

TEST_P(BadValueTest, AsAKeyIsRefusedWithTheKeyAndWhatIsAllowed) {
  const std::string key = std::string(GetParam().flag).substr(2);
  const std::string file = File(key + " = \"" + GetParam().value + "\"\n");
  EXPECT_THAT(Refusal({"--config", file}),
              AllOf(HasSubstr(key), HasSubstr(GetParam().allowed)));
}

INSTANTIATE_TEST_SUITE_P(All, BadValueTest, ::testing::ValuesIn(kBadValues));

}  // namespace
}  // namespace interlink::daemon
