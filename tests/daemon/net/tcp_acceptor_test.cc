#include "daemon/net/tcp_acceptor.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <string>

#include "daemon/system/logging.h"
#include "tests/support/status_matchers.h"

namespace interlink::daemon {
namespace {

using boost::asio::ip::tcp;
using ::interlink::testing::IsOk;
using ::interlink::testing::StatusIs;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class TcpAcceptorTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<TcpAcceptor>> Listen(
      const std::string& address) {
    return TcpAcceptor::Listen(context_, address,
                               [this](tcp::socket) { ++accepted_; });
  }

  boost::asio::io_context context_;
  int accepted_ = 0;
};

// No more descriptors than are open now, while it lives.
class NoMoreDescriptors {
 public:
  NoMoreDescriptors() {
    EXPECT_EQ(getrlimit(RLIMIT_NOFILE, &before_), 0);
    const int next_free = dup(STDERR_FILENO);
    close(next_free);
    const rlimit none{.rlim_cur = static_cast<rlim_t>(next_free),
                      .rlim_max = before_.rlim_max};
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  }
  ~NoMoreDescriptors() { EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before_), 0); }

 private:
  rlimit before_{};
};

TEST_F(TcpAcceptorTest, ARefusalNamesTheAddressAndTheNextStep) {
  const auto first = Listen("127.0.0.1:0");
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(
      Listen((*first)->address()),
      StatusIs(absl::StatusCode::kUnavailable,
               AllOf(HasSubstr((*first)->address()),
                     EndsWith("name another port, or stop that program"))));
  EXPECT_THAT(Listen("192.0.2.1:0"),
              StatusIs(absl::StatusCode::kUnavailable,
                       EndsWith("it is no address of this machine: name one "
                                "that it has, or 0.0.0.0 for all")));
}

TEST_F(TcpAcceptorTest, AnEndOfDescriptorsIsLoggedOnceAndOutlived) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the sanitizers need descriptors themselves";
#endif
  const auto acceptor = Listen("127.0.0.1:0");
  ASSERT_THAT(acceptor, IsOk());
  const std::string& address = (*acceptor)->address();
  const auto port = std::stoi(address.substr(address.rfind(':') + 1));
  tcp::socket client(context_, tcp::v4());
  SetUpLogging("text", "info");  // To standard error.
  ::testing::internal::CaptureStderr();
  {
    const NoMoreDescriptors none;
    client.connect({boost::asio::ip::address_v4::loopback(),
                    static_cast<unsigned short>(port)});
    // It is refused, the pause ends, and it is refused again.
    for (int i = 0; i < 3; ++i) context_.run_one();
    EXPECT_EQ(accepted_, 0);
  }
  while (accepted_ == 0) context_.run_one();
  FlushLog();
  const std::string log = ::testing::internal::GetCapturedStderr();
  const std::string line = "connections to " + address +
                           " cannot be accepted for now: Too many open files";
  EXPECT_THAT(log, HasSubstr(line));
  EXPECT_EQ(log.find(line), log.rfind(line));
}

}  // namespace
}  // namespace interlink::daemon
