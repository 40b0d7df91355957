#include "daemon/net/socket_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace interlink::daemon {
namespace {

namespace fs = std::filesystem;
using absl::StatusCode;
using ::interlink::testing::IsOk;
using ::interlink::testing::StatusIs;
using ::interlink::testing::TempDir;
using ::testing::AllOf;
using ::testing::HasSubstr;

// A socket bound to a path; closed, but not removed, at the end.
class Bound {
 public:
  explicit Bound(const std::string& path, int type = SOCK_STREAM)
      : socket_(socket(AF_UNIX, type | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    EXPECT_EQ(
        bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)),
        0);
  }
  ~Bound() { close(socket_); }
  Bound(const Bound&) = delete;
  Bound& operator=(const Bound&) = delete;

  void Listen(int backlog) const { EXPECT_EQ(listen(socket_, backlog), 0); }

 private:
  const int socket_;
};

class SocketPathTest : public ::testing::Test {
 protected:
  // Serves it, as gRPC would.
  std::unique_ptr<SocketPath> Serve(std::optional<gid_t> group = {}) {
    auto made = SocketPath::Prepare(path_, group);
    EXPECT_THAT(made, IsOk());
    if (!made.ok()) return nullptr;
    const Bound bound((*made)->draft());
    EXPECT_THAT((*made)->Publish(), IsOk());
    return *std::move(made);
  }

  struct stat Found() const {
    struct stat found {};
    EXPECT_EQ(lstat(path_.c_str(), &found), 0);
    return found;
  }

  const TempDir dir_;
  std::string path_ = dir_.File("api.sock");
};

TEST_F(SocketPathTest, HasItsNameOnlyOnceItsModeIsSet) {
  auto made = SocketPath::Prepare(path_, {});
  ASSERT_THAT(made, IsOk());
  const Bound bound((*made)->draft());
  EXPECT_FALSE(fs::exists(path_));
  ASSERT_THAT((*made)->Publish(), IsOk());
  EXPECT_EQ(Found().st_mode & 0777, 0660u);
  EXPECT_FALSE(fs::exists((*made)->draft()));
}

TEST_F(SocketPathTest, BelongsToItsGroup) {
  std::vector<gid_t> groups(64);
  const int count = getgroups(static_cast<int>(groups.size()), groups.data());
  ASSERT_GE(count, 0);
  const gid_t group = geteuid() == 0 ? 4711 : count > 0 ? groups[0] : getegid();
  const auto made = Serve(group);
  EXPECT_EQ(Found().st_gid, group);
  EXPECT_EQ(Found().st_mode & 0777, 0660u);
}

TEST_F(SocketPathTest, AGroupThatCannotBeGivenIsAnErrorAndLeavesNothing) {
  if (geteuid() == 0) GTEST_SKIP() << "root may give any group";
  auto made = SocketPath::Prepare(path_, gid_t{0});
  ASSERT_THAT(made, IsOk());
  const Bound bound((*made)->draft());
  EXPECT_THAT((*made)->Publish(),
              StatusIs(StatusCode::kUnavailable, HasSubstr("member")));
  EXPECT_TRUE(fs::is_empty(dir_.path()));
}

TEST_F(SocketPathTest, TheFoldersAboveItAreMadeAndItsGroupGetsThrough) {
  path_ = dir_.File("run/interlink/api.sock");
  const auto made = Serve(getegid());
  EXPECT_EQ(fs::status(dir_.File("run/interlink")).permissions(),
            fs::perms(0755));
  path_ = dir_.File("own/api.sock");
  const auto own = Serve();
  EXPECT_EQ(fs::status(dir_.File("own")).permissions(), fs::perms(0750));
}

TEST_F(SocketPathTest, ADeadDaemonsSocketIsReplaced) {
  { const Bound dead(path_); }
  ASSERT_TRUE(fs::exists(path_));
  EXPECT_NE(Serve(), nullptr);
}

TEST_F(SocketPathTest, GoesAtTheEndUnlessItIsAnothersByThen) {
  auto made = Serve();
  made.reset();
  EXPECT_FALSE(fs::exists(path_));
  made = Serve();
  fs::remove(path_);
  const Bound others(path_);
  made.reset();
  EXPECT_TRUE(fs::exists(path_));
}

TEST_F(SocketPathTest, AServedSocketStays) {
  const Bound living(path_);
  living.Listen(1);
  EXPECT_THAT(
      SocketPath::Prepare(path_, {}),
      StatusIs(StatusCode::kUnavailable, HasSubstr("another daemon serves")));
  EXPECT_THAT(SocketPath::Check(path_), IsOk());
  EXPECT_TRUE(fs::exists(path_));
}

// A connection has to wait, which does not prove that nobody serves it.
TEST_F(SocketPathTest, ASocketWithAFullQueueStays) {
  const Bound busy(path_);
  busy.Listen(0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path_.c_str(), path_.size() + 1);
  std::vector<int> waiting;
  int error = 0;
  while (error == 0 && waiting.size() < 16) {
    waiting.push_back(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
    error = connect(waiting.back(), reinterpret_cast<sockaddr*>(&address),
                    sizeof(address));
  }
  EXPECT_NE(error, 0);
  EXPECT_THAT(SocketPath::Prepare(path_, {}),
              StatusIs(StatusCode::kUnavailable));
  EXPECT_TRUE(fs::exists(path_));
  for (const int one : waiting) close(one);
}

TEST_F(SocketPathTest, AFileOfAnotherKindStays) {
  const Bound datagrams(path_, SOCK_DGRAM);
  EXPECT_THAT(SocketPath::Prepare(path_, {}),
              StatusIs(StatusCode::kUnavailable,
                       HasSubstr("another program may be serving")));
  EXPECT_TRUE(fs::exists(path_));
}

TEST_F(SocketPathTest, ASocketThatMayNotBeOpenedStays) {
  if (geteuid() == 0) GTEST_SKIP() << "root may open any; see e2e";
  const Bound living(path_);
  living.Listen(1);
  ASSERT_EQ(chmod(path_.c_str(), 0), 0);
  EXPECT_THAT(SocketPath::Prepare(path_, {}),
              StatusIs(StatusCode::kUnavailable, HasSubstr("cannot find out")));
  EXPECT_TRUE(fs::exists(path_));
}

TEST_F(SocketPathTest, AFileThatAppearsMeanwhileStays) {
  auto made = SocketPath::Prepare(path_, {});
  ASSERT_THAT(made, IsOk());
  const Bound bound((*made)->draft());
  const Bound faster(path_);
  EXPECT_THAT((*made)->Publish(),
              StatusIs(StatusCode::kUnavailable, HasSubstr("has just taken")));
  made->reset();
  EXPECT_TRUE(fs::exists(path_));
}

TEST_F(SocketPathTest, TheFileInTheWayIsNamed) {
  std::ofstream(dir_.File("file")) << "notes";
  EXPECT_THAT(SocketPath::Check(dir_.File("file")),
              StatusIs(StatusCode::kInvalidArgument,
                       HasSubstr("exists and is not a socket")));
  EXPECT_THAT(SocketPath::Check(dir_.File("file/api.sock")),
              StatusIs(StatusCode::kUnavailable, HasSubstr("Not a directory")));
  const std::string folder = dir_.File(std::string(90, 'f'));
  EXPECT_THAT(SocketPath::Check(folder + "/api.sock"),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("107 bytes")));
  EXPECT_FALSE(fs::exists(folder));
}

}  // namespace
}  // namespace interlink::daemon
