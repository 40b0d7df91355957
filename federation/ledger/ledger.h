#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "federation/base/event_loop.h"
#include "federation/identity/identity.h"
#include "federation/ledger/decisions.h"
#include "federation/ledger/event_log.h"
#include "federation/ledger/generation.h"
#include "federation/ledger/interlinks.h"
#include "federation/ledger/transaction.h"
#include "store/database.h"

namespace interlink::federation {

// What a decision has come to.
template <class Reply>
struct Decided {
  Reply reply;
  Changes changes;
};

// The book of one account: its links, the events about them, and the generation
// that counts their changes. Each changes by decisions that are submitted.
//
// Threading: loop only. Lifetime: the arguments of Open() must outlive it.
class Ledger {
 public:
  // Gets the reply to a request, or why it was refused.
  template <class Reply>
  using Done = absl::AnyInvocable<void(absl::StatusOr<Reply>)>;

  static absl::StatusOr<std::unique_ptr<Ledger>> Open(const Identity& identity,
                                                      store::Database& database,
                                                      Randomness& randomness,
                                                      EventLoop& loop);

  // Decides as Decisions::Add() does. `done` gets the reply once what was
  // decided is stored, or the refusal, or STORE_UNAVAILABLE.
  void Submit(Decisions::Decide decide, Decisions::Done done,
              Decisions::Wanted wanted = {}) {
    decisions_->Add(std::move(decide), std::move(done), std::move(wanted));
  }
  template <class Reply>
  void Submit(
      absl::AnyInvocable<absl::StatusOr<Decided<Reply>>(const Draft&)> decide,
      Done<Reply> done, Decisions::Wanted wanted = {}) {
    auto reply = std::make_shared<std::optional<Reply>>();
    Submit(
        [decide = std::move(decide),
         reply](const Draft& draft) mutable -> absl::StatusOr<Changes> {
          auto decided = decide(draft);
          if (!decided.ok()) return decided.status();
          *reply = std::move(decided->reply);
          return std::move(decided->changes);
        },
        [done = std::move(done), reply](const absl::Status& status) mutable {
          if (status.ok()) {
            done(**std::move(reply));
          } else {
            done(status);
          }
        },
        std::move(wanted));
  }

  // The same for decisions about links, which add what they change to a
  // transaction. `subject`: all links that they read.
  using DecideLinks = absl::AnyInvocable<absl::Status(Transaction&)>;
  void Submit(const Subject& subject, DecideLinks decide, Decisions::Done done);
  template <class Reply>
  void Submit(const Subject& subject,
              absl::AnyInvocable<absl::StatusOr<Reply>(Transaction&)> decide,
              Done<Reply> done) {
    auto reply = std::make_shared<std::optional<Reply>>();
    Submit(
        subject,
        [decide = std::move(decide),
         reply](Transaction& transaction) mutable -> absl::Status {
          auto decided = decide(transaction);
          if (!decided.ok()) return decided.status();
          *reply = *std::move(decided);
          return absl::OkStatus();
        },
        [done = std::move(done), reply](const absl::Status& status) mutable {
          if (status.ok()) {
            done(**std::move(reply));
          } else {
            done(status);
          }
        });
  }

  // Commits, and waits for the disk. Errors: STORE_UNAVAILABLE.
  absl::Status CommitAtStart(Changes changes);

  Interlinks& interlinks() { return *interlinks_; }
  EventLog& events() { return *events_; }
  Generation& generation() { return *generation_; }
  store::Database& database() { return database_; }
  // The time for records.
  WallTime WallNow() const { return loop_.WallNow(); }

 private:
  Ledger(store::Database& database, EventLoop& loop)
      : database_(database), loop_(loop) {}

  store::Database& database_;
  EventLoop& loop_;
  std::unique_ptr<EventLog> events_;
  std::unique_ptr<Generation> generation_;
  std::unique_ptr<Interlinks> interlinks_;
  std::unique_ptr<Decisions> decisions_;
};

}  // namespace interlink::federation
