#pragma once

namespace interlink::cli {

// While it exists, Ctrl-C does not end the program but is noted in
// has_happened(), so that a verb can say how far it came. A second Ctrl-C ends
// the program.
//
// Threading: one thread, and one object at a time.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  static bool has_happened();
};

}  // namespace interlink::cli
