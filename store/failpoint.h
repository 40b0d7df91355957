#pragma once

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"

// Places between two steps whose order is a promise, where a build for tests
// dies or stops on demand. Other builds have no trace of them.
//
// The environment variable INTERLINK_FAILPOINT names the place, which passing
// of it counts, and what happens then: "redeem/answered:1:kill" (SIGKILL),
// ":stop" (SIGSTOP), or ":hang" (of that thread alone, as on a disk that
// stalls). The tests are tests/e2e/failpoints.py.
namespace interlink::store {

inline constexpr std::string_view kFailpoints[] = {
    // Any commit, those of a start and of a session included.
    "commit/unwritten",  // Nothing is on the disk.
    "commit/synced",     // The commit is on the disk and not in memory.
    // A backup and a restore.
    "backup/copied",   // The copy is neither marked nor renamed.
    "restore/copied",  // The copy is whole, in restore.partial.
    "restore/moved",   // All files but CURRENT are in place.
    // A start.
    "start/unidentified",  // The first start: no identity is stored yet.
    "start/unready",       // All is open and nobody is told.
    // The account that enters a key.
    "redeem/unsent",       // The attempt is stored.
    "redeem/sent",         // The question is on its way.
    "redeem/answered",     // The answer is here and not stored.
    "redeem/established",  // The link is stored; the administrator still waits.
    // The account that generated the key.
    "issue/received",  // The question is here.
    "issue/linked",    // The link is stored and not answered.
    // The account that deletes, and its peer.
    "delete/committed",    // The administrator still waits.
    "delete/undelivered",  // Answered here; the peer is not told.
    "delete/received",     // The peer has the message and has stored nothing.
    "delete/confirming",   // The peer has stored the removal, not answered it.
    "delete/settling",  // The answer is here, the removal still in the outbox.
    // The file beside the store.
    "generation/unwritten",  // The commit is made.
    "generation/unrenamed",  // A new file is whole, under another name.
    // What the two accounts say of themselves.
    "session/greeted",     // The Hello is on its way.
    "session/introduced",  // What the peer said is stored.
};

// One of these places. Any other name does not compile.
class Failpoint {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): a place is its name.
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

// Dies or stops here if INTERLINK_FAILPOINT says so. Threading: any.
void PassFailpoint(Failpoint point);

// Reads INTERLINK_FAILPOINT. INVALID_ARGUMENT, with all names, if it is set and
// names none. To be called before any thread is started.
absl::Status ArmFailpoint();

#else

inline void PassFailpoint(Failpoint) {}
inline absl::Status ArmFailpoint() { return absl::OkStatus(); }

#endif

}  // namespace interlink::store
