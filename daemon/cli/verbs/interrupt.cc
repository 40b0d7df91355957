#include "daemon/cli/verbs/interrupt.h"

#include <csignal>

namespace interlink::cli {
namespace {

volatile std::sig_atomic_t happened = 0;
struct sigaction former {};

}  // namespace

Interrupt::Interrupt() {
  happened = 0;
  struct sigaction action {};
  action.sa_handler = [](int) { happened = 1; };
  // Without SA_RESTART a read of standard input ends too.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, &former);
}

Interrupt::~Interrupt() { sigaction(SIGINT, &former, nullptr); }

bool Interrupt::has_happened() { return happened != 0; }

}  // namespace interlink::cli
