#include "daemon/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "tests/support/temp_dir.h"

namespace interlink::daemon {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

// Each test begins without any variable that the daemon reads.
class ConfigTest : public ::testing::Test {
 protected:
  ConfigTest() {
    std::vector<std::string> names = {"STATE_DIRECTORY", "XDG_STATE_HOME",
                                      "RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"};
    for (char** variable = environ; *variable != nullptr; ++variable) {
      const std::string text = *variable;
      if (text.starts_with("INTERLINK_")) {
        names.push_back(text.substr(0, text.find('=')));
      }
    }
    for (const std::string& name : names) {
      if (const char* value = std::getenv(name.c_str())) {
        before_[name] = value;
        unsetenv(name.c_str());
      }
    }
  }
  ~ConfigTest() override {
    for (const std::string& name : set_) unsetenv(name.c_str());
    for (const auto& [name, value] : before_) {
      setenv(name.c_str(), value.c_str(), 1);
    }
  }

  void Set(const std::string& name, const std::string& value) {
    setenv(name.c_str(), value.c_str(), 1);
    set_.push_back(name);
  }

  std::string File(const std::string& text) {
    const std::string path = dir_.File("interlinkd.toml");
    std::ofstream(path) << text;
    return path;
  }

  static ConfigOrExit Read(std::vector<std::string> words) {
    words.insert(words.begin(), "interlinkd");
    std::vector<const char*> argv;
    argv.reserve(words.size());
    for (const std::string& word : words) argv.push_back(word.c_str());
    return ReadConfig(static_cast<int>(argv.size()), argv.data());
  }

  static Config Good(const std::vector<std::string>& words) {
    ConfigOrExit read = Read(words);
    EXPECT_TRUE(read.config.has_value()) << read.text;
    return read.config.value_or(Config());
  }

  // The text with which such words are refused as wrong usage.
  static std::string Refusal(const std::vector<std::string>& words) {
    const ConfigOrExit read = Read(words);
    EXPECT_FALSE(read.config.has_value()) << "is accepted";
    EXPECT_EQ(read.exit_code, 2);
    return read.text;
  }

  interlink::testing::TempDir dir_;

 private:
  std::map<std::string, std::string> before_;
  std::vector<std::string> set_;
};

TEST_F(ConfigTest, NothingHasToBeConfigured) {
  const Config config = Good({});
  EXPECT_THAT(config.data_dir, Not(IsEmpty()));
  EXPECT_THAT(config.account_name, Not(IsEmpty()));
  EXPECT_EQ(config.federation_listen, "0.0.0.0:7443");
  EXPECT_EQ(config.http_listen, "127.0.0.1:9464");
  EXPECT_THAT(config.api_socket, EndsWith("/api.sock"));
  EXPECT_THAT(config.pbx_socket, IsEmpty());
  EXPECT_THAT(config.api_listen, IsEmpty());
  EXPECT_THAT(config.never_remote, ElementsAre("112", "911", "999", "000"));
  EXPECT_EQ(config.action, Config::Action::kRun);
}

TEST_F(ConfigTest, AFlagWinsOverAVariableAndAVariableOverTheFile) {
  const std::string file = File(
      "account-name = \"of the file\"\n"
      "log-level = \"debug\"\n"
      "log-format = \"json\"\n");
  Set("INTERLINK_ACCOUNT_NAME", "of the variable");
  Set("INTERLINK_LOG_LEVEL", "warn");
  const Config config =
      Good({"--config", file, "--account-name", "of the flag"});
  EXPECT_EQ(config.account_name, "of the flag");
  EXPECT_EQ(config.log_level, "warn");
  EXPECT_EQ(config.log_format, "json");
}

TEST_F(ConfigTest, EverySettingIsAFlagAVariableAndAKey) {
  const Config flag = Good({"--max-connections-per-source", "7"});
  EXPECT_EQ(flag.max_connections_per_source, 7);
  const std::string file = File("max-connections-per-source = 8\n");
  EXPECT_EQ(Good({"--config", file}).max_connections_per_source, 8);
  Set("INTERLINK_MAX_CONNECTIONS_PER_SOURCE", "9");
  EXPECT_EQ(Good({}).max_connections_per_source, 9);
}

TEST_F(ConfigTest, TheFileItselfCanBeNamedByAVariable) {
  Set("INTERLINK_CONFIG", File("lookup-limit = 17\n"));
  EXPECT_EQ(Good({}).lookup_limit, 17);
  Set("INTERLINK_CONFIG", dir_.File("none.toml"));
  EXPECT_THAT(Refusal({}), HasSubstr("none.toml"));
}

TEST_F(ConfigTest, ListsComeFromEverySource) {
  EXPECT_THAT(
      Good({"--never-remote", "1,2", "--never-remote", "3"}).never_remote,
      ElementsAre("1", "2", "3"));
  EXPECT_THAT(
      Good({"--config", File("never-remote = [\"4\", \"5\"]\n")}).never_remote,
      ElementsAre("4", "5"));
  Set("INTERLINK_NEVER_REMOTE", "6,7");
  EXPECT_THAT(Good({}).never_remote, ElementsAre("6", "7"));
}

TEST_F(ConfigTest, AnUnknownKeyOfTheFileIsNamed) {
  EXPECT_THAT(Refusal({"--config", File("federation-liste = \"x:1\"\n")}),
              AllOf(HasSubstr("federation-liste"), HasSubstr("no setting")));
  EXPECT_THAT(Refusal({"--config", File("[limits]\nlookup-limit = 1\n")}),
              HasSubstr("line 1: settings have no sections"));
  EXPECT_THAT(Refusal({"--config", File("print-config = true\n")}),
              HasSubstr("print-config"));
}

TEST_F(ConfigTest, AFileThatIsNotThereIsAnError) {
  EXPECT_THAT(Refusal({"--config", dir_.File("none.toml")}),
              HasSubstr("none.toml"));
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
    {"--federation-listen", "7443", "HOST:PORT"},
    {"--federation-listen", "0.0.0.0:70000", "HOST:PORT"},
    {"--federation-listen", "", "HOST:PORT"},
    {"--http-listen", "off", "HOST:PORT or none"},
    {"--advertise", "pbx.example.net", "HOST:PORT or none"},
    {"--advertise", "pbx.example.net:0", "HOST:PORT or none"},
    {"--account-name", "", "1 to 64 characters"},
    {"--contact", "sip:201@pbx.example.net", "sip:{number}@pbx.example.net"},
    {"--contact", "sip:{number}@pbx", "CONTACT_INVALID: after the @"},
    {"--contact", "sip:{number}@pbx.example.net;maddr=a.example",
     "CONTACT_INVALID: the only parameters"},
    {"--contact", "sip:{number}&x@pbx.example.net",
     "CONTACT_INVALID: beside {number}"},
    {"--never-remote", "11a", "1 to 15 digits"},
    {"--lookup-limit", "-1", "1000000"},
    {"--redeem-limit", "many", "1000000"},
    {"--max-connections", "0", "1000000"},
    {"--log-format", "xml", "json"},
    {"--log-level", "loud", "debug"},
};

class BadValueTest : public ConfigTest,
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

TEST_F(ConfigTest, AnUnknownFlagIsRefused) {
  EXPECT_THAT(Refusal({"--federation-liste", "x:1"}),
              HasSubstr("--federation-liste"));
  EXPECT_THAT(Refusal({"stray"}), HasSubstr("stray"));
}

TEST_F(ConfigTest, TheApiOverTcpNeedsAllItsFilesAndTheFilesNeedIt) {
  EXPECT_THAT(Refusal({"--api-listen", "127.0.0.1:0"}),
              AllOf(HasSubstr("--api-listen"), HasSubstr("--api-cert")));
  EXPECT_THAT(Refusal({"--api-listen", "127.0.0.1:0", "--api-cert", "c",
                       "--api-key", "k"}),
              HasSubstr("--api-client-ca"));
  EXPECT_THAT(Refusal({"--api-key", "k"}), HasSubstr("--api-key"));
  EXPECT_EQ(Good({"--api-listen", "127.0.0.1:0", "--api-cert", "c", "--api-key",
                  "k", "--api-client-ca", "a"})
                .api_client_ca,
            "a");
}

TEST_F(ConfigTest, WhatIsPrintedCanBeReadBack) {
  Config given = Good(
      {"--print-config", "--account-name", "Mike's \"PBX #1\" \\ Brown, M.",
       "--advertise", "pbx.example.net:7443", "--advertise",
       "[2001:db8::1]:7443", "--contact", "sips:{number}@pbx.example.net",
       "--pbx-socket", "/run/p b #x.sock", "--never-remote", "000",
       "--redeem-limit", "0"});
  EXPECT_EQ(given.action, Config::Action::kPrintConfig);
  const Config read = Good({"--config", File(given.as_toml)});
  EXPECT_EQ(read.as_toml, given.as_toml);
  EXPECT_EQ(read.account_name, given.account_name);
  EXPECT_EQ(read.advertise, given.advertise);
  EXPECT_EQ(read.contact, given.contact);
  EXPECT_EQ(read.pbx_socket, given.pbx_socket);
  EXPECT_EQ(read.never_remote, given.never_remote);
  EXPECT_EQ(read.redeem_limit, 0);
}

TEST_F(ConfigTest, DefaultsArePrintedAndCanBeReadBack) {
  const Config given = Good({"--print-config"});
  EXPECT_THAT(
      given.as_toml,
      AllOf(HasSubstr("federation-listen = \"0.0.0.0:7443\""),
            HasSubstr("data-dir = \"" + given.data_dir + "\""),
            HasSubstr("api-socket = \"" + given.api_socket + "\""),
            HasSubstr("lookup-limit = 2000"), Not(HasSubstr("print-config"))));
  const Config read = Good({"--config", File(given.as_toml)});
  EXPECT_EQ(read.never_remote, given.never_remote);
  EXPECT_EQ(read.account_name, given.account_name);
  EXPECT_EQ(read.as_toml, given.as_toml);
}

TEST_F(ConfigTest, HelpAndVersionEndWellAndCheckConfigIsAnAction) {
  const ConfigOrExit help = Read({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.text,
              AllOf(HasSubstr("--data-dir"), HasSubstr("INTERLINK_DATA_DIR")));
  const ConfigOrExit version = Read({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.text, StartsWith("0."));
  EXPECT_EQ(Good({"--check-config"}).action, Config::Action::kCheckConfig);
}

TEST_F(ConfigTest, SystemdSaysWhereStateAndSocketAre) {
  Set("STATE_DIRECTORY", "/var/lib/pbx:/var/lib/other");
  Set("RUNTIME_DIRECTORY", "/run/pbx");
  EXPECT_EQ(Good({}).data_dir, "/var/lib/pbx");
  EXPECT_EQ(Good({}).api_socket, "/run/pbx/api.sock");
  Set("INTERLINK_API_SOCKET", "/run/other.sock");
  EXPECT_EQ(Good({}).api_socket, "/run/other.sock");
  EXPECT_EQ(Good({"--data-dir", "/srv/pbx"}).data_dir, "/srv/pbx");
}

TEST_F(ConfigTest, WithoutSystemdTheUserDecidesWhereStateAndSocketAre) {
  Set("XDG_STATE_HOME", "/home/mike/.state");
  Set("XDG_RUNTIME_DIR", "/run/user/1000");
  const Config config = Good({});
  if (geteuid() == 0) {
    EXPECT_EQ(config.data_dir, "/var/lib/interlink");
    EXPECT_EQ(config.api_socket, "/run/interlink/api.sock");
  } else {
    EXPECT_EQ(config.data_dir, "/home/mike/.state/interlink");
    EXPECT_EQ(config.api_socket, "/run/user/1000/interlink/api.sock");
  }
}

TEST_F(ConfigTest, ASpecificListenAddressIsAdvertised) {
  EXPECT_THAT(AdvertisedAddresses(Good({}), "10.0.0.5:7443"),
              ElementsAre("10.0.0.5:7443"));
}

TEST_F(ConfigTest, ForAWildcardTheDefaultRouteIsAdvertisedWithTheBoundPort) {
  for (const std::string bound : {"0.0.0.0:40001", "[::]:40001"}) {
    const auto addresses = AdvertisedAddresses(Good({}), bound);
    ASSERT_EQ(addresses.size(), 1u);
    EXPECT_THAT(addresses[0],
                AllOf(EndsWith(":40001"), Not(StartsWith("0.0.0.0")),
                      Not(StartsWith("[::]"))));
  }
}

TEST_F(ConfigTest, WhatIsAdvertisedByHandReplacesTheBoundAddress) {
  EXPECT_THAT(AdvertisedAddresses(Good({"--advertise", "a.example:1",
                                        "--advertise", "b.example:2"}),
                                  "10.0.0.5:7443"),
              ElementsAre("a.example:1", "b.example:2"));
  EXPECT_THAT(AdvertisedAddresses(Good({"--advertise", "none"}), "10.0.0.5:1"),
              IsEmpty());
}

TEST_F(ConfigTest, NoneIsAdvertisedAloneAndAtMostFourAddressesAre) {
  EXPECT_THAT(Refusal({"--advertise", "none", "--advertise", "a.example:1"}),
              AllOf(HasSubstr("--advertise"), HasSubstr("none")));
  EXPECT_THAT(Refusal({"--advertise", "a:1,b:1,c:1,d:1,e:1"}),
              AllOf(HasSubstr("--advertise"), HasSubstr("4")));
}

TEST_F(ConfigTest, TheContactIsDerivedFromTheFirstAddress) {
  EXPECT_EQ(SettingsFrom(Good({}), {"pbx.example.net:7443"}).contact,
            "sip:{number}@pbx.example.net");
  EXPECT_EQ(SettingsFrom(Good({}), {"[2001:db8::1]:7443"}).contact,
            "sip:{number}@[2001:db8::1]");
  EXPECT_EQ(SettingsFrom(Good({"--contact", "sips:{number}@other.example"}),
                         {"pbx.example.net:7443"})
                .contact,
            "sips:{number}@other.example");
  EXPECT_FALSE(SettingsFrom(Good({}), {"pbx.example.net:7443"}).is_contact_set);
  EXPECT_TRUE(SettingsFrom(Good({"--contact", "sip:{number}@other.example"}),
                           {"pbx.example.net:7443"})
                  .is_contact_set);
}

}  // namespace
}  // namespace interlink::daemon
