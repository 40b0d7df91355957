#include "federation/sessions/session_admission.h"

#include <utility>

#include "federation/base/reason.h"

namespace interlink::federation {
namespace {

// `done` for that session, if it still waits for that.
template <class Outcome>
absl::AnyInvocable<void(Outcome)> WhileThere(
    const Session& session, absl::AnyInvocable<void(Session&, Outcome)> done) {
  return
      [weak = session.Weak(), done = std::move(done)](Outcome outcome) mutable {
        const auto there = weak.lock();
        Session* left = there == nullptr ? nullptr : *there;
        if (left != nullptr && left->is_undecided()) {
          done(*left, std::move(outcome));
        }
      };
}

}  // namespace

void SessionAdmission::AdmitCaller(
    Session& session, const PeerCaller& caller, const v1::Hello& hello,
    absl::AnyInvocable<void(Session&, absl::StatusOr<store::InterlinkId>)>
        done) {
  auto answer =
      WhileThere<absl::StatusOr<store::InterlinkId>>(session, std::move(done));
  const auto id = store::InterlinkId::FromBytes(hello.interlink_id());
  if (!id) {
    return answer(Refusal(Reason::kLinkUnknown,
                          "the Hello names no interlink; it has to have an "
                          "interlink_id of 16 bytes"));
  }
  // Before the link is looked for: an older copy of this account may not know
  // it.
  CheckGeneration(*id, hello,
                  [this, id = *id, caller, hello, answer = std::move(answer)](
                      const absl::Status& status) mutable {
                    if (!status.ok()) return answer(status);
                    Identify(id, caller, hello, std::move(answer));
                  });
}

void SessionAdmission::CheckDialled(
    Session& session, const v1::Hello& hello,
    absl::AnyInvocable<void(Session&, absl::Status)> done) {
  CheckGeneration(session.link(), hello,
                  WhileThere<absl::Status>(session, std::move(done)));
}

void SessionAdmission::Identify(store::InterlinkId id, const PeerCaller& caller,
                                const v1::Hello& hello,
                                Ledger::Done<store::InterlinkId> done) {
  absl::Status why;
  const auto verdict = access_.CheckIdentity(id, caller.certificate, &why);
  if (verdict == LinkAccess::Verdict::kPeer ||
      verdict == LinkAccess::Verdict::kPaused) {
    return done(id);
  }
  admission_.Decide(
      caller, hello.interlink_id(), hello.redeemed_proof(),
      hello.replaced_interlink_ids(),
      [id, done = std::move(done)](const absl::Status& status) mutable {
        if (status.ok()) {
          done(id);
        } else {
          done(status);
        }
      });
}

void SessionAdmission::CheckGeneration(store::InterlinkId id,
                                       const v1::Hello& hello,
                                       Decisions::Done done) {
  if (!hello.has_seen_generation()) return done(absl::OkStatus());
  restoration_.CheckQuote(id, hello.seen_generation(), std::move(done));
}

}  // namespace interlink::federation
