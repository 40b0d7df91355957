#include "daemon/pbx/peer_questions.h"

#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "federation/base/reason.h"

namespace interlink::daemon {

using federation::api::Resolution;

// What the account's loop has of the questions: they may be gone before the
// resolver answers.
struct PeerQuestions::WayBack {
  explicit WayBack(PeerQuestions* the_questions) : questions(the_questions) {}

  PeerQuestions* Questions() {
    const absl::MutexLock lock(&mutex);
    return questions;
  }
  // False if too many wait for the account's loop already.
  bool Post() {
    const absl::MutexLock lock(&mutex);
    if (posted == kMostPosted) return false;
    ++posted;
    return true;
  }
  // On the account's loop; whether anybody still waits for answers.
  bool TakeUp() {
    const absl::MutexLock lock(&mutex);
    --posted;
    return questions != nullptr;
  }

  absl::Mutex mutex;
  // nullptr once they are gone. They go on the door's loop, so a task of that
  // loop may use them after it has let go of the lock.
  PeerQuestions* questions ABSL_GUARDED_BY(mutex);
  size_t posted ABSL_GUARDED_BY(mutex) = 0;
};

PeerQuestions::PeerQuestions(federation::EventLoop& door,
                             federation::EventLoop& account,
                             federation::Resolver& resolver)
    : door_(door),
      account_(account),
      resolver_(resolver),
      way_back_(std::make_shared<WayBack>(this)) {}

PeerQuestions::~PeerQuestions() {
  const absl::MutexLock lock(&way_back_->mutex);
  way_back_->questions = nullptr;
}

void PeerQuestions::Ask(const federation::api::ResolveRequest& request,
                        const federation::Asker& asker, Answer answer) {
  const uint64_t id = ++last_id_;
  const bool has_room = way_back_->Post();
  Question& question = open_[id];
  question.answer = std::move(answer);
  question.deadline = door_.After(
      has_room ? federation::Duration(kLongestWait) : federation::Duration(),
      [this, id] {
        Answered(id, Refusal(federation::Reason::kLookupIncomplete,
                             "linked accounts were not asked in time, because "
                             "the daemon is busy; try again"));
      });
  if (has_room) Post(request, asker, id);
}

void PeerQuestions::Post(const federation::api::ResolveRequest& request,
                         const federation::Asker& asker, uint64_t id) {
  account_.Post([&account = account_, &resolver = resolver_, request, asker, id,
                 until = door_.Now() + kLongestWait, way_back = way_back_] {
    // Whoever asked this has been answered already; after a stall there may be
    // a thousand such questions.
    if (!way_back->TakeUp() || account.Now() >= until) return;
    resolver.AskPeers(
        request,
        [id, way_back](absl::StatusOr<Resolution> result) {
          const absl::MutexLock lock(&way_back->mutex);
          if (way_back->questions == nullptr) return;
          way_back->questions->door_.Post(
              [id, way_back, result = std::move(result)]() mutable {
                if (PeerQuestions* const questions = way_back->Questions()) {
                  questions->Answered(id, std::move(result));
                }
              });
        },
        asker);
  });
}

void PeerQuestions::Answered(uint64_t id, absl::StatusOr<Resolution> result) {
  const auto question = open_.extract(id);
  if (question.empty()) return;  // It was too late.
  question.mapped().answer(std::move(result));
}

}  // namespace interlink::daemon
