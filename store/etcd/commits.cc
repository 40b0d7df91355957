#include "store/etcd/commits.h"

#include <iterator>
#include <utility>

#include "store/etcd/errors.h"
#include "store/etcd/group.h"

namespace interlink::store {

void Commits::Begin(Batch batch, Database::Done done) {
  waiting_.push_back(
      {std::move(batch), std::move(done), std::chrono::steady_clock::now()});
}

void Commits::Refuse(Database::Done done, absl::Status status) {
  answers_.push_back({{}, std::move(done), {}, std::move(status)});
}

void Commits::RefuseWaiting(const absl::Status& status) {
  for (Begun& begun : std::exchange(waiting_, {})) {
    begun.outcome = status;
    answers_.push_back(std::move(begun));
  }
}

std::vector<Commits::Begun> Commits::Fill(EtcdGroup& group) {
  std::vector<Begun> commits;
  while (!waiting_.empty() && group.HasRoomFor(waiting_.front().batch)) {
    commits.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
    commits.back().outcome = group.Add(commits.back().batch);
  }
  return commits;
}

void Commits::EndAsMade() {
  std::vector<Begun> commits = std::move(in_flight_->commits);
  in_flight_.reset();
  answers_.insert(answers_.end(), std::make_move_iterator(commits.begin()),
                  std::make_move_iterator(commits.end()));
}

void Commits::EndWith(const absl::Status& status) {
  for (Begun& begun : in_flight_->commits) begun.outcome = status;
  EndAsMade();
}

void Commits::TryAgain() {
  std::vector<Begun> commits = std::move(in_flight_->commits);
  in_flight_.reset();
  const auto now = std::chrono::steady_clock::now();
  for (auto begun = commits.rbegin(); begun != commits.rend(); ++begun) {
    if (now - begun->time < patience_) {
      waiting_.push_front(std::move(*begun));
      continue;
    }
    begun->outcome = EtcdUnavailable(
        "etcd did not answer in time: nothing was changed; try again");
    answers_.push_back(std::move(*begun));
  }
}

void Commits::Answer(const std::weak_ptr<bool>& alive) {
  for (Begun& begun : std::exchange(answers_, {})) {
    begun.done(std::move(begun.outcome));
    if (alive.expired()) return;
  }
}

}  // namespace interlink::store
