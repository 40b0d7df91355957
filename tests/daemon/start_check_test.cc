#include "daemon/start_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/eventually.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tls_files.h"

namespace interlink::daemon {
namespace {

namespace fs = std::filesystem;
using boost::asio::ip::tcp;
using ::interlink::testing::ContentsOf;
using ::interlink::testing::TestAuthority;
using ::interlink::testing::TlsFiles;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Matches;
using ::testing::StartsWith;

class StartCheckTest : public ::testing::Test {
 protected:
  StartCheckTest() {
    config_.data_dir = dir_.File("data");
    config_.federation_listen = "127.0.0.1:0";
    config_.http_listen = "127.0.0.1:0";
    config_.api_socket = dir_.File("run/api.sock");
  }

  // What is refused, and that nothing was made.
  void ExpectRefusal(const std::string& setting, const std::string& words) {
    EXPECT_THAT(Told(), ElementsAre(AllOf(StartsWith("--" + setting + ": "),
                                          HasSubstr(words))));
    EXPECT_FALSE(fs::exists(config_.data_dir));
    EXPECT_FALSE(fs::exists(dir_.File("run")));
  }

  std::vector<std::string> Told() const {
    return CheckStart(config_).sentences();
  }

  const interlink::testing::TempDir dir_;
  Config config_;
};

TEST_F(StartCheckTest, PassesWhatCanStartAndMakesNothing) {
  config_.pbx_socket = dir_.File("run/pbx.sock");
  config_.ready_file = dir_.File("ready");
  EXPECT_THAT(Told(), IsEmpty());
  EXPECT_TRUE(fs::is_empty(dir_.path()));
}

TEST_F(StartCheckTest, OneSocketIsNotForTwo) {
  config_.pbx_socket = config_.api_socket;
  ExpectRefusal("pbx-socket", "--api-socket");
  config_.pbx_socket = dir_.File("run/../run/./api.sock");
  ExpectRefusal("pbx-socket", "--api-socket");
}

// Where nothing is yet, as at a first start.
TEST_F(StartCheckTest, NoTwoSettingsNameOnePlace) {
  config_.ready_file = dir_.File("run/./api.sock");
  ExpectRefusal("ready-file", "is taken by --api-socket already");
  config_.pbx_socket = dir_.File("pbx.sock");
  config_.ready_file = fs::relative(config_.pbx_socket);
  ExpectRefusal("ready-file", "is taken by --pbx-socket already");
  config_.ready_file = config_.data_dir;
  ExpectRefusal("ready-file", "is taken by --data-dir already");
  config_.ready_file.clear();
  config_.pbx_socket = config_.data_dir;
  ExpectRefusal("pbx-socket", "is taken by --data-dir already");
}

// LOCK, for one, is empty.
TEST_F(StartCheckTest, AReadyFileIsNotPutAmongTheFilesOfTheStore) {
  config_.ready_file = config_.data_dir + "/LOCK";
  ExpectRefusal("ready-file", "is in the data directory");
  config_.data_dir = dir_.File("data/account");
  fs::create_directories(config_.data_dir);
  fs::create_directory_symlink(config_.data_dir, dir_.File("link"));
  config_.ready_file = dir_.File("link/../account/x/ready");
  EXPECT_THAT(Told(), ElementsAre(HasSubstr("is in the data directory")));
}

TEST_F(StartCheckTest, OnePortIsNotForTwo) {
  config_.http_listen = "127.0.0.1:39464";
  config_.federation_listen = "127.0.0.1:39464";
  ExpectRefusal("http-listen", "--federation-listen");
  config_.federation_listen = "0.0.0.0:39464";
  ExpectRefusal("http-listen", "--federation-listen");
  config_.federation_listen = "127.0.0.2:39464";
  EXPECT_THAT(Told(), IsEmpty());
  config_.pbx_http_listen = "127.0.0.1:39464";
  ExpectRefusal("pbx-http-listen", "--http-listen");
}

TEST_F(StartCheckTest, TheTokenOfThePbxIsReadable) {
  config_.pbx_http_listen = "127.0.0.1:0";
  config_.pbx_http_token = dir_.File("token");
  ExpectRefusal("pbx-http-token", "there is no file");
  std::ofstream(config_.pbx_http_token) << "short\n";
  ExpectRefusal("pbx-http-token", "16 to 256 printable characters");
  std::ofstream(config_.pbx_http_token) << "0123456789abcdef\n";
  EXPECT_THAT(Told(), IsEmpty());
  config_.ready_file = config_.pbx_http_token;
  ExpectRefusal("ready-file", "is taken by --pbx-http-token already");
}

TEST_F(StartCheckTest, AnAddressOfAnotherMachineIsRefused) {
  config_.federation_listen = "192.0.2.1:0";
  ExpectRefusal("federation-listen", "no address of this machine");
  config_.federation_listen = "no-such-host.invalid:0";
  ExpectRefusal("federation-listen", "not known here");
}

// It may be this daemon's own, which runs.
TEST_F(StartCheckTest, APortInUseIsNoError) {
  boost::asio::io_context context;
  const tcp::acceptor taken(
      context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  config_.federation_listen =
      "127.0.0.1:" + std::to_string(taken.local_endpoint().port());
  EXPECT_THAT(Told(), IsEmpty());
}

TEST_F(StartCheckTest, CertificatesAreReadAndEachTroubleIsNamed) {
  const TestAuthority authority(dir_.File("ca"));
  const TlsFiles server = authority.Issue(dir_.File("server"), "IP:127.0.0.1");
  config_.api_listen = "127.0.0.1:0";
  config_.api_cert = server.certificate;
  config_.api_key = server.key;
  config_.api_client_ca = authority.certificate();
  EXPECT_THAT(Told(), IsEmpty());
  config_.api_key = dir_.File("none.key");
  ExpectRefusal("api-key", "there is no file " + dir_.File("none.key"));
  config_.api_key = dir_.path();
  ExpectRefusal("api-key", "is a folder");
  config_.api_key = server.certificate;
  ExpectRefusal("api-key", "not a private key");
}

// As Windows and mail write them, with another certificate after the first.
TEST_F(StartCheckTest, EachCertificateOfAFileIsRead) {
  const TestAuthority authority(dir_.File("ca"));
  const TlsFiles server = authority.Issue(dir_.File("server"), "IP:127.0.0.1");
  const std::string root = ContentsOf(authority.certificate());
  config_.api_listen = "127.0.0.1:0";
  config_.api_key = server.key;
  config_.api_client_ca = authority.certificate();
  config_.api_cert = dir_.File("chain");
  const auto chain = [&](const std::string& rest) {
    std::ofstream(config_.api_cert)
        << "\xEF\xBB\xBF" << ContentsOf(server.certificate) << "\r\n"
        << rest;
  };
  chain(root);
  EXPECT_THAT(Told(), IsEmpty());
  chain(root.substr(0, root.size() / 2));
  ExpectRefusal("api-cert", "certificate number 2 is damaged");
  chain("");
  config_.api_client_ca = dir_.File("authorities");
  std::ofstream(config_.api_client_ca) << "authorities:\n";
  ExpectRefusal("api-client-ca", "holds no certificate in PEM");
  std::string damaged = root;
  damaged.insert(damaged.size() / 2, "!");
  std::ofstream(config_.api_client_ca) << root << damaged << root;
  ExpectRefusal("api-client-ca", "certificate number 2 is damaged");
}

// OpenSSL sees no certificate in these, and so no damage.
TEST_F(StartCheckTest, ACertificateThatOpenSslSkipsIsReported) {
  const TestAuthority authority(dir_.File("ca"));
  const TlsFiles server = authority.Issue(dir_.File("server"), "IP:127.0.0.1");
  const std::string root = ContentsOf(authority.certificate());
  config_.api_listen = "127.0.0.1:0";
  config_.api_cert = server.certificate;
  config_.api_key = server.key;
  config_.api_client_ca = dir_.File("authorities");
  const auto spelled = [&root](std::string_view from, std::string_view to) {
    std::string text = root;
    for (size_t at = 0; (at = text.find(from, at)) != text.npos;
         at += to.size()) {
      text.replace(at, from.size(), to);
    }
    return text;
  };
  for (const std::string& hidden :
       {" " + root, "note: " + root, root.substr(1),
        spelled("BEGIN CERTIFICATE", "BEGIN CERTIFICAT"),
        spelled("CERTIFICATE", "PKCS7"),
        std::string("-----BEGIN CERTIFICATE-----")}) {
    for (const std::string& text : {hidden + root, root + hidden}) {
      std::ofstream(config_.api_client_ca) << text;
      ExpectRefusal("api-client-ca", "authorities cannot be read: ");
    }
  }
  for (const std::string& read :
       {spelled("CERTIFICATE", "X509 CERTIFICATE"), spelled("\n", "\r\n"),
        "my own CA:\n" + root, spelled("CERTIFICATE", "CERTIFICATE REQUEST")}) {
    std::ofstream(config_.api_client_ca) << root << read << root;
    EXPECT_THAT(Told(), IsEmpty()) << read;
  }
}

// Which is no mistake if the daemon runs there already.
TEST_F(StartCheckTest, WarnsOfPortsThatAreInUse) {
  boost::asio::io_context context;
  const auto loopback = boost::asio::ip::address_v4::loopback();
  const tcp::acceptor listening(context, {loopback, 0});
  const boost::asio::ip::udp::socket receiving(context, {loopback, 0});
  const auto at = [](const auto& socket) {
    return "127.0.0.1:" + std::to_string(socket.local_endpoint().port());
  };
  const auto busy = [this] {
    std::vector<std::string> warnings = StartWarnings(config_);
    std::erase_if(warnings, [](const std::string& warning) {
      return warning.find(" is in use now") == warning.npos;
    });
    return warnings;
  };
  EXPECT_THAT(busy(), IsEmpty());
  config_.http_listen = at(listening);
  config_.sip_listen = at(receiving);
  EXPECT_THAT(busy(),
              ElementsAre(StartsWith("--http-listen: " + at(listening)),
                          StartsWith("--sip-listen: " + at(receiving))));
  // Only SIP is spoken over UDP. Of another program's TCP the port may be, too,
  // but not each time.
  config_.sip_listen = at(listening);
  EXPECT_TRUE(interlink::testing::Eventually([&] {
    const boost::asio::ip::udp::socket another(context, {loopback, 0});
    config_.http_listen = at(another);
    return Matches(ElementsAre(StartsWith("--sip-listen: " + at(listening))))(
        busy());
  }));
}

TEST_F(StartCheckTest, TheDataDirectoryAndItsParentsMayBeMissing) {
  config_.data_dir = dir_.File("a/b/c");
  EXPECT_THAT(Told(), IsEmpty());
  std::ofstream(dir_.File("file")) << "notes";
  config_.data_dir = dir_.File("file/data");
  ExpectRefusal("data-dir", "Not a directory");
  // Which has the rights, and takes nothing.
  config_.data_dir = "/proc/interlink-test";
  ExpectRefusal("data-dir", "cannot make /proc/interlink-test in /proc: ");
  ExpectRefusal("data-dir", "; name another place");
}

TEST_F(StartCheckTest, AReadyFileIsNotPutOverAnotherFile) {
  config_.ready_file = dir_.File("ready");
  std::ofstream(config_.ready_file) << "federation=x\npid=17\n";
  EXPECT_THAT(Told(), IsEmpty());
  std::ofstream(config_.ready_file) << "notes\n";
  ExpectRefusal("ready-file", "not a ready file");
  config_.ready_file = dir_.File("none/ready");
  ExpectRefusal("ready-file", "No such file");
}

TEST_F(StartCheckTest, AnErrorSaysWhereTheSettingWasGiven) {
  config_.given["pbx-socket"] = {{}, "the file x, line 3, pbx-socket"};
  config_.pbx_socket = config_.api_socket;
  EXPECT_THAT(Told(),
              ElementsAre(StartsWith("the file x, line 3, pbx-socket: ")));
}

TEST_F(StartCheckTest, AllMistakesAreToldAtOnce) {
  const TestAuthority authority(dir_.File("ca"));
  config_.data_dir = "/proc/interlink-test";
  config_.api_socket = dir_.File(std::string(120, 's'));
  config_.pbx_socket = dir_.path();
  config_.federation_listen = "192.0.2.1:0";
  config_.api_listen = "127.0.0.1:39464";
  config_.http_listen = "127.0.0.1:39464";
  config_.api_cert = dir_.File("none.pem");
  config_.api_key = authority.certificate();
  config_.api_client_ca = dir_.path();
  config_.ready_file = dir_.File("none/ready");
  EXPECT_THAT(
      Told(),
      ElementsAre(StartsWith("--data-dir: "), StartsWith("--api-socket: "),
                  StartsWith("--pbx-socket: "),
                  StartsWith("--federation-listen: "),
                  StartsWith("--http-listen: "), StartsWith("--api-cert: "),
                  StartsWith("--api-key: "), StartsWith("--api-client-ca: "),
                  StartsWith("--ready-file: ")));
}

// Beside mistakes of the configuration, not every setting is known.
TEST_F(StartCheckTest, SettingsWithoutAValueArePassedOver) {
  Config known;
  known.federation_listen.clear();
  known.http_listen.clear();
  known.api_listen = "127.0.0.1:0";
  known.pbx_socket = dir_.path();
  EXPECT_THAT(CheckStart(known).sentences(),
              ElementsAre(StartsWith("--pbx-socket: ")));
}

}  // namespace
}  // namespace interlink::daemon
