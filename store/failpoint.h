#pragma once

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"

// Places where a build for tests dies or stops on demand: between two steps
// whose order is a promise. Other builds have nothing of this, not a name.
//
// The environment variable INTERLINK_FAILPOINT says where, the how many-th time
// and what: "redeem/answered:1:kill" (SIGKILL), "...:stop" (SIGSTOP) or
// "...:hang" (only the thread that is there, as a disk that stalls would). The
// tests are tests/e2e/failpoints.py.
namespace interlink::store {

inline constexpr std::string_view kFailpoints[] = {
    // Any change, and so a start's and a session's too.
    "commit/unwritten",  // Nothing is on the disk.
    "commit/synced",     // It is, and nobody knows: not even the memory.
    // A copy, and a copy put back.
    "backup/copied",   // Not marked yet, under another name.
    "restore/copied",  // Nothing is in its place yet.
    "restore/moved",   // All is but the file that makes it a store.
    // The first start, and any.
    "start/unidentified",  // The identity is made and not stored.
    "start/unready",       // All is open and nobody is told.
    // Whoever enters a key.
    "redeem/unsent",       // The attempt is stored.
    "redeem/sent",         // The question is on its way.
    "redeem/answered",     // The answer is here and not stored.
    "redeem/established",  // It is stored; the administrator still waits.
    // Whoever generated it.
    "issue/received",  // Somebody asks for it.
    "issue/linked",    // It is stored and not answered.
    // Whoever deletes, and his peer.
    "delete/committed",    // The administrator still waits.
    "delete/undelivered",  // He was answered; the peer is not told.
    "delete/received",     // The peer is told and has stored nothing.
    "delete/confirming",   // It is stored and not answered.
    "delete/settling",     // It was answered; it is still to be told.
    // The file beside the store.
    "generation/unwritten",  // The commit is made.
    "generation/unrenamed",  // A new file is whole, under another name.
    // What the two say of themselves.
    "session/greeted",     // The Hello is on its way.
    "session/introduced",  // What the peer said is stored.
};

// One of them. Any other name does not compile.
class Failpoint {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): it stands for its name.
  consteval Failpoint(const char* name) : index_(IndexOf(name)) {}

  size_t index() const { return index_; }

 private:
  static consteval size_t IndexOf(std::string_view name) {
    size_t index = 0;
    for (const std::string_view known : kFailpoints) {
      if (known == name) return index;
      ++index;
    }
    throw "not in kFailpoints";
  }

  size_t index_;
};

#ifdef INTERLINK_FAILPOINTS

// Dies or stops here if that was asked for. Threading: any.
void PassFailpoint(Failpoint point);

// Reads INTERLINK_FAILPOINT; nothing is armed without it. INVALID_ARGUMENT,
// naming all there are, unless it is one of them. Before any thread is started.
absl::Status ArmFailpoint();

#else

inline void PassFailpoint(Failpoint) {}
inline absl::Status ArmFailpoint() { return absl::OkStatus(); }

#endif

}  // namespace interlink::store
