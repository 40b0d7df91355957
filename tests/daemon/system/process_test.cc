#include "daemon/system/process.h"

#include <gtest/gtest.h>
#include <openssl/crypto.h>
#include <unistd.h>

#include <cstdlib>

namespace interlink {
namespace {

TEST(ProcessDeathTest, OpensslsStateOutlivesMain) {
  KeepOpensslUntilExit();
  EXPECT_EXIT(
      {
        OPENSSL_atexit([] { _exit(1); });
        std::exit(0);
      },
      ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace interlink
