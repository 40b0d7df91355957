#include "daemon/config/config.h"

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
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

std::vector<std::string> NeverRemoteOf(const Config& config) {
  std::vector<std::string> texts;
  for (store::InternalNumber number : config.never_remote) {
    texts.push_back(number.ToString());
  }
  return texts;
}

TEST_F(ConfigTest, NothingHasToBeConfigured) {
  const Config config = Good({});
  EXPECT_THAT(config.data_dir, Not(IsEmpty()));
  EXPECT_THAT(config.account_name, Not(IsEmpty()));
  EXPECT_EQ(config.federation_listen, "0.0.0.0:7443");
  EXPECT_EQ(config.http_listen, "127.0.0.1:9464");
  EXPECT_THAT(config.api_socket, EndsWith("/api.sock"));
  EXPECT_THAT(config.pbx_socket, IsEmpty());
  EXPECT_THAT(config.api_listen, IsEmpty());
  EXPECT_THAT(NeverRemoteOf(config), ElementsAre("112", "911", "999", "000"));
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

TEST_F(ConfigTest, AnUnknownKeyOfTheFileIsNamed) {
  EXPECT_THAT(Refusal({"--config", File("federation-liste = \"x:1\"\n")}),
              AllOf(HasSubstr("federation-liste"), HasSubstr("no setting")));
  EXPECT_THAT(Refusal({"--config", File("[limits]\nlookup-limit = 1\n")}),
              HasSubstr("line 1: settings have no sections"));
  EXPECT_THAT(Refusal({"--config", File("print-config = true\n")}),
              HasSubstr("print-config"));
}

TEST_F(ConfigTest, WhatWasProbablyMeantIsAsked) {
  EXPECT_THAT(Refusal({"--config", File("account_name = \"Mike\"\n")}),
              HasSubstr("\"account_name\" is no setting; did you mean "
                        "account-name?"));
  EXPECT_THAT(Refusal({"--config", File("colour = \"red\"\n")}),
              HasSubstr("\"colour\" is no setting; a key is a flag without its "
                        "dashes"));
  EXPECT_THAT(Refusal({"--config", File("name = \"Mike\"\n")}),
              HasSubstr("\"name\" is no setting; did you mean account-name?"));
  EXPECT_THAT(Refusal({"--config", File("--contcat = \"Mike\"\n")}),
              HasSubstr("\"--contcat\" is no setting; did you mean contact?"));
  // Several have such a part.
  EXPECT_THAT(Refusal({"--config", File("listen = \"x:1\"\n")}),
              Not(HasSubstr("did you mean")));
  EXPECT_THAT(Refusal({"--acount-name=Mike"}),
              HasSubstr("interlinkd: there is no option --acount-name; did you "
                        "mean --account-name?\n"));
  EXPECT_THAT(Refusal({"--cofnig", "x"}),
              HasSubstr("--cofnig; did you mean --config?\n"));
  EXPECT_THAT(Refusal({"restore", "--fron", "x"}),
              HasSubstr("there is no option --fron; did you mean --from?\n"));
  EXPECT_THAT(Refusal({"--colour", "red"}), Not(HasSubstr("did you mean")));
}

// Otherwise the administrator would start the daemon once for each mistake.
TEST_F(ConfigTest, AllMistakesAreToldAtOnceAndEachOnALineOfItsOwn) {
  Set("INTERLINK_ACOUNT_NAME", "Mike");
  Set("INTERLINK_LOG_LEVEL", "loud");
  const std::string file = File(
      "lookup-limit = -1\n"
      "lookup-limits = 1\n"
      "account-name = 5\n"
      "contact = \"sip:301@pbx\"\n");
  const std::string text =
      Refusal({"--config", file, "--redeem-limit", "many"});
  EXPECT_THAT(text, MatchesRegex("interlinkd: .*INTERLINK_ACOUNT_NAME.*\n"
                                 "interlinkd: .*line 2, .*lookup-limits.*\n"
                                 "interlinkd: .*line 3, account-name.*\n"
                                 "interlinkd: .*line 4, contact.*\n"
                                 "interlinkd: .*line 1, lookup-limit: .*\n"
                                 "interlinkd: --redeem-limit: .*\n"
                                 "interlinkd: INTERLINK_LOG_LEVEL: .*\n"));
}

// Neither in the lines after one that cannot be read, nor among the other
// values of a list.
TEST_F(ConfigTest, AMistakeHidesNoOther) {
  const std::string file = File(
      "account-name = Mike\n"
      "lookup-limit = -1\n"
      "contact-hosts = [\"a.example\", \"sip:b.example\", \"*.c.example\"]\n");
  EXPECT_THAT(Refusal({"--config", file}),
              MatchesRegex("interlinkd: .*line 1, account-name: Mike is .*\n"
                           "interlinkd: .*contact-hosts: .*sip:b.example.*\n"
                           "interlinkd: .*contact-hosts: .*c.example.*\n"
                           "interlinkd: .*line 2, lookup-limit: .*\n"));
}

TEST_F(ConfigTest, ACheckGoesOnWithTheGoodSettings) {
  const ConfigOrExit read =
      Read({"--check-config", "--config",
            File("data-dri = \"/srv\"\nhttp-listen = \"127.0.0.1:7\"\n"),
            "--pbx-socket", "/run/pbx.sock", "--ready-file", ""});
  ASSERT_TRUE(read.config.has_value()) << read.text;
  EXPECT_EQ(read.config->action, Config::Action::kCheckConfig);
  EXPECT_THAT(read.config->mistakes.sentences(),
              ElementsAre(HasSubstr("data-dir"), HasSubstr("--ready-file")));
  EXPECT_EQ(read.config->pbx_socket, "/run/pbx.sock");
  EXPECT_EQ(read.config->http_listen, "127.0.0.1:7");
  // Not the defaults: the file may have meant another data directory.
  EXPECT_THAT(read.config->data_dir, IsEmpty());
  EXPECT_THAT(read.config->api_socket, IsEmpty());
  EXPECT_THAT(read.config->federation_listen, IsEmpty());
}

// A setting whose name was mistyped is not also called missing.
TEST_F(ConfigTest, WhatAMistakeMayExplainIsNotToldBeside) {
  EXPECT_THAT(Refusal({"--config", File("api-crt = \"c\"\n"), "--api-listen",
                       "127.0.0.1:0"}),
              AllOf(HasSubstr("did you mean api-cert?"),
                    Not(HasSubstr("needs --api-cert"))));
}

TEST_F(ConfigTest, AFileThatIsNotThereIsAnError) {
  EXPECT_THAT(Refusal({"--config", dir_.File("none.toml")}),
              HasSubstr("there is no file " + dir_.File("none.toml")));
  EXPECT_THAT(Refusal({"--config", dir_.path()}), HasSubstr("is a folder"));
}

TEST_F(ConfigTest, AFileMayBeginWithAByteOrderMarkAndEndItsLinesWithCrLf) {
  EXPECT_EQ(Good({"--config", File("\xef\xbb\xbf"
                                   "account-name = \"Mike\"\r\n")})
                .account_name,
            "Mike");
}

TEST_F(ConfigTest, OtherEncodingsAreNamed) {
  EXPECT_THAT(Refusal({"--config", File(std::string("\xff\xfe"
                                                    "a\0=\0",
                                                    6))}),
              HasSubstr("UTF-16"));
  EXPECT_THAT(Refusal({"--config", File(std::string("a\0=\0", 4))}),
              HasSubstr("UTF-16"));
  EXPECT_THAT(Refusal({"--config", File("account-name = \"Gr\xfc\xdf\"\n")}),
              AllOf(HasSubstr("line 1"), HasSubstr("Latin-1")));
}

TEST_F(ConfigTest, AnErrorSaysWhereTheValueWasGiven) {
  const std::string file = File("\n\nlookup-limit = -1\n");
  EXPECT_THAT(Refusal({"--config", file}),
              AllOf(HasSubstr(file + ", line 3, lookup-limit"),
                    HasSubstr("\"-1\""), Not(HasSubstr("--lookup-limit"))));
  Set("INTERLINK_CONTACT", "sip:301@pbx");
  EXPECT_THAT(Refusal({}), AllOf(HasSubstr("INTERLINK_CONTACT: "),
                                 Not(HasSubstr("--contact"))));
}

TEST_F(ConfigTest, TextInTheFileStandsInQuotes) {
  EXPECT_THAT(Refusal({"--config", File("account-name = 5\n")}),
              AllOf(HasSubstr("line 1, account-name"), HasSubstr("\"5\"")));
  EXPECT_THAT(Refusal({"--config", File("never-remote = [112]\n")}),
              AllOf(HasSubstr("never-remote"), HasSubstr("\"112\"")));
  EXPECT_THAT(Refusal({"--config", File("account-name = [\"a\", \"b\"]\n")}),
              HasSubstr("not an array"));
}

TEST_F(ConfigTest, AVariableThatWasMeantForASettingIsRefused) {
  Set("INTERLINK_ACOUNT_NAME", "Mike");
  EXPECT_THAT(Refusal({}), AllOf(HasSubstr("INTERLINK_ACOUNT_NAME"),
                                 HasSubstr("INTERLINK_ACCOUNT_NAME")));
  unsetenv("INTERLINK_ACOUNT_NAME");
  Set("INTERLINK_CONTACT_HOST", "pbx.john.example");
  EXPECT_THAT(Refusal({}), HasSubstr("INTERLINK_CONTACT_HOSTS"));
}

TEST_F(ConfigTest, VariablesOfOthersAreToldOf) {
  Set("INTERLINK_BIN", "/usr/bin");
  // Kubernetes sets these beside a Service of that name.
  Set("INTERLINK_SERVICE_HOST", "10.0.0.1");
  Set("INTERLINK_SERVICE_PORT_PEERS", "7443");
  Set("INTERLINK_PORT", "tcp://10.0.0.1:7443");
  Set("INTERLINK_PORT_7443_TCP_ADDR", "10.0.0.1");
  Set("INTERLINK_PEERS_PORT_7443_TCP", "tcp://10.0.0.1:7443");
  EXPECT_THAT(Good({}).unknown_variables, ElementsAre("INTERLINK_BIN"));
}

TEST_F(ConfigTest, AnUnknownFlagIsRefused) {
  EXPECT_THAT(Refusal({"--federation-liste", "x:1"}),
              HasSubstr("--federation-liste"));
  EXPECT_THAT(
      Refusal({"start"}),
      HasSubstr("\"start\" is one word too many; interlinkd has no such "
                "verb, and does its work without one"));
}

TEST_F(ConfigTest, WrongUsageIsToldInOurWords) {
  EXPECT_THAT(Refusal({"--lookup-limit"}),
              HasSubstr("--lookup-limit has no value; write --lookup-limit "
                        "NUMBER"));
  EXPECT_THAT(Refusal({"--lookup-limit", "1", "--lookup-limit", "2"}),
              HasSubstr("--lookup-limit is given 2 times"));
  EXPECT_THAT(Refusal({"--check-config=maybe"}),
              HasSubstr("--check-config takes no value"));
}

TEST_F(ConfigTest, AWordTooManyDoesNotHideWhatIsMissing) {
  EXPECT_THAT(Refusal({"restore"}),
              HasSubstr("interlinkd: --from DIR is missing: the directory "));
  EXPECT_THAT(Refusal({"restore", "extra"}),
              HasSubstr("interlinkd: --from DIR is missing: the directory "));
  EXPECT_THAT(Refusal({"restore", "--from", "x", "extra"}),
              HasSubstr("\"extra\" is one word too many"));
}

TEST_F(ConfigTest, TheApiOverTcpNeedsAllItsFilesAndTheFilesNeedIt) {
  EXPECT_THAT(Refusal({"--api-listen", "127.0.0.1:0"}),
              AllOf(HasSubstr("--api-listen: needs --api-cert too"),
                    HasSubstr("--api-listen: needs --api-key too"),
                    HasSubstr("--api-listen: needs --api-client-ca too")));
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
  EXPECT_THAT(
      help.text,
      AllOf(HasSubstr("--data-dir DIR"), HasSubstr("INTERLINK_DATA_DIR"),
            HasSubstr("SIGHUP (systemctl reload) reads the settings "
                      "again, and takes over account-name, contact"),
            Not(HasSubstr(", api-cert"))));
  EXPECT_THAT(help.text, HasSubstr("such as 5m. Default: 180 (Env:"));
  EXPECT_THAT(Read({"restore", "--help"}).text, HasSubstr(" --from DIR\n"));
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

TEST_F(ConfigTest, TheContactIsDerivedFromTheFirstAddress) {
  EXPECT_EQ(SettingsFrom(Good({}), {"pbx.example.net:7443"}).contact,
            "sip:{number}@pbx.example.net");
  EXPECT_EQ(SettingsFrom(Good({}), {"[2001:db8::1]:7443"}).contact,
            "sip:{number}@[2001:db8::1]");
  EXPECT_EQ(SettingsFrom(Good({"--contact", "sips:{number}@other.example"}),
                         {"pbx.example.net:7443"})
                .contact,
            "sips:{number}@other.example");
}

}  // namespace
}  // namespace interlink::daemon
