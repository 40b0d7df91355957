#include <gmock/gmock.h>
#include <openssl/crypto.h>

// The main() of every test program.
int main(int argc, char** argv) {
  // As KeepOpensslUntilExit() does for the daemon: with gRPC's threads still
  // running, LeakSanitizer now and then met state that had lost its owner.
  OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
