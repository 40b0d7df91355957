#pragma once

namespace interlink::cli {

// While it lives, Ctrl-C does not end the program but is told by
// has_happened(), so that what was begun can be told of; a second Ctrl-C ends
// it.
//
// Threading: one thread, and one of it at a time.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  static bool has_happened();
};

}  // namespace interlink::cli
