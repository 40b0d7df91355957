"""Bugs that the simulation, or a test where no simulation can, has to find: one
line of the rules broken at a time.

Of shipping code only. A text must stand in its file exactly once, so that the
list cannot outlive the code that it is about.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Edit:
    """`old` in `file` becomes `new`."""

    file: str
    old: str
    new: str


class Bug:
    """What is planted, in a few words, and how.

    `tests`, for what no seed can show: a test program and a filter.
    """

    def __init__(self, name, *edits, tests=None):
        self.name = name
        self.tests = tests
        # One edit may be given as its three parts.
        self.edits = [Edit(*edits)] if isinstance(edits[0], str) else edits


BUGS = [
    # --- The store ---
    Bug("the log of the store is not synced",
        "store/rocksdb/files.cc",
        "options.sync = true;",
        "options.sync = false;"),

    Bug("a commit is shown before it is told",
        "store/rocksdb/database.cc",
        "    written.snapshot = TakeSnapshot(*db_);",
        "    Show(TakeSnapshot(*db_));",
        tests=("store_test", "*DatabaseCommitTest.IsNeitherRead*")),
    Bug("what waits for the disk is synced one by one",
        "store/rocksdb/database.cc",
        "      if (bytes > kMaxCommitBytes && !group.empty()) break;",
        "      if (!group.empty()) break;",
        tests=("store_test", "GroupTest.CommitsThatWaitAreSyncedTogether")),
    Bug("a precondition is not about the commits that are synced with it",
        "store/rocksdb/group.cc",
        "  if (changed != changed_.end()) return changed->second;",
        "  if (false) return changed->second;",
        tests=("store_test", "*DatabaseCommitTest.ItsPreconditions*")),

    # --- Decide, persist, then speak ---
    Bug("a decision is answered before it is stored",
        "federation/ledger/decisions.cc",
        "void Decisions::Commit(Draft& draft) {\n",
        "void Decisions::Commit(Draft& draft) {\n"
        "  for (Decision& decision : taken_) {\n"
        "    decision.done(decision.outcome);\n"
        "    decision.done = [](const absl::Status&) {};\n"
        "  }\n"),
    Bug("a decision does not see what the former ones leave",
        "federation/ledger/draft.cc",
        "  if (changed == changed_.end()) return database_.Get(key);",
        "  if (changed == changed_.end() || true) return database_.Get(key);"),
    Bug("a second batch is decided while one is being stored",
        Edit("federation/ledger/decisions.cc",
             "  if (waiting_.empty() || is_committing_ || "
             "std::exchange(is_posted_, true)) {",
             "  if (waiting_.empty() || std::exchange(is_posted_, true)) {"),
        Edit("federation/ledger/decisions.cc",
             "store::Precondition::Unchanged(database_.revision())", "")),
    Bug("a conflict has nothing decided again",
        "federation/ledger/decisions.cc",
        "  if (absl::IsAborted(status)) {",
        "  if (false) {",
        tests=("federation_test", "DecisionsTest.AConflict*")),
    Bug("a refusal that is about a lost change is given",
        "federation/ledger/decisions.cc",
        "    next.needs_commit = draft.IsChanged();",
        "    next.needs_commit = false;",
        tests=("federation_test", "DecisionsTest.OfALostCommit*")),
    Bug("a decision about links is taken on tables that are behind",
        "federation/ledger/decisions.cc",
        "    if (draft.Touches(next.subject)) break;\n",
        "",
        tests=("federation_test", "LinkDecisionsTest.*")),
    Bug("a decision about one link is taken on a row that is behind",
        "federation/ledger/draft.cc",
        "      return Touches(store::InterlinkKey(subject.id)) ||\n"
        "             Touches(store::TombstoneKey(subject.id)) ||\n",
        "      return Touches(store::TombstoneKey(subject.id)) ||\n",
        tests=("federation_test", "LinkDecisionsTest.TwoChangesOfOneLink*")),
    Bug("what a peer says before its Hello is answered has no bound",
        "federation/sessions/session.cc",
        "  if (early_.size() == kMostEarly) {",
        "  if (early_.size() == 10 * kMostEarly) {",
        tests=("story_test", "SlowDiskTest.BeforeItsHello*")),

    Bug("whoever watches a row is told in the middle of a commit",
        "federation/ledger/interlinks.cc",
        "    untold_.push_back(*id);",
        "    observers_.Tell(*id);"),
    Bug("a commit is told before all tables have it",
        "store/change_feed.cc",
        "    if (place != nullptr && take(*place)) taken.push_back(place);",
        "    if (place != nullptr && take(*place) && place->follower.tell) {\n"
        "      place->follower.tell();\n"
        "    }"),

    # --- Keys: one key links one account, and both sides say the same ---
    Bug("a second redeemer is accepted",
        "federation/linking/redemptions.cc",
        "if (!attempt.MadeTheLink()) return RefuseReuse(attempt);\n"
        "      v1::RedeemResponse answer;",
        "if (!attempt.MadeTheLink()) return Link(attempt);\n"
        "      v1::RedeemResponse answer;"),
    Bug("a key is accepted past its time",
        Edit("federation/linking/redemptions.cc",
             "  if (IsPast(attempt.record(), ledger_.WallNow())) {",
             "  if (false) {"),
        Edit("federation/linking/key_issuer.cc",
             "    ExpireKey(row, transaction);\n",
             "")),
    Bug("the answer to a Redeem is not given again",
        "federation/linking/redemptions.cc",
        "if (!attempt.MadeTheLink()) return RefuseReuse(attempt);\n"
        "      v1::RedeemResponse answer;",
        "return RefuseReuse(attempt);\n"
        "      v1::RedeemResponse answer;"),
    Bug("each try of a Redeem is another attempt",
        "federation/linking/key_redeemer.cc",
        "body.set_redeem_id(row.record.entered_key().redeem_id());",
        "body.set_redeem_id(\n"
        "      randomness_.NewId<store::RedeemId>().ToBytes());"),
    Bug("the redeemer concludes by itself after five tries",
        "federation/linking/key_redeemer.cc",
        "  attempt.retry = loop_.After(delay,",
        "  if (attempt.rounds.failed() == 5) {\n"
        "    Refused(id, Refusal(Reason::kInvalidKey, \"no answer\"));\n"
        "    return;\n"
        "  }\n"
        "  attempt.retry = loop_.After(delay,"),
    Bug("an attempt is not taken up after a restart",
        "federation/linking/key_redeemer.cc",
        "if (!IsRedeeming(row)) return;",
        "return;"),
    Bug("a cancelled attempt is not burnt",
        "federation/linking/termination.cc",
        "key.add_burnt_redeem_ids(redeem_id);",
        ""),
    Bug("both links of a cross-redeem are kept",
        Edit("federation/linking/redemptions.cc",
             "    if (!other->Is(store::v1::ROW_STATE_ESTABLISHED) ||\n"
             "        transaction.Touches(other->id)) {",
             "    if (true) {"),
        Edit("federation/linking/settlement.cc",
             "if (const Row* senior = FindSenior(row, transaction)) {",
             "if (const Row* senior = FindSenior(row, transaction);\n"
             "        senior != nullptr && false) {"),
        Edit("federation/linking/settlement.cc",
             "      if (!transaction.Touches(junior->id)) {",
             "      if (false) {")),
    Bug("a link that the redeemer has forgotten is kept beside the new one",
        "federation/linking/redemptions.cc",
        "    if (!other->Is(store::v1::ROW_STATE_ESTABLISHED) ||\n"
        "        transaction.Touches(other->id)) {",
        "    if (true) {"),
    Bug("an answer to Redeem is believed over a later introduction",
        "federation/linking/settlement.cc",
        "if (known.generation() != 0) {",
        "if (false) {"),
    Bug("an issuer does not say which link the new one replaces",
        "federation/linking/redemptions.cc",
        "response.add_replaced_interlink_ids(other->id.ToBytes());",
        ""),
    Bug("a link that is being made beside another one answers",
        Edit("federation/linking/settlement.cc",
             "      return Refusal(Reason::kPeerUnreachable,\n"
             "                     \"this interlink is being made beside "
             "another one with the \"\n"
             "                     \"same account; ask again when one of the "
             "two has gone\");",
             "      return absl::OkStatus();"),
        Edit("federation/linking/admission.cc",
             "row != nullptr && row->Is(store::v1::ROW_STATE_ESTABLISHED)",
             "row != nullptr"),
        Edit("federation/directory/lookups.cc",
             "  return AnswerTraced(access_.CheckKnown(id), id, number, "
             "traceparent);",
             "  static_cast<void>(traceparent);\n"
             "  return Find(id, number);"),
        tests=("story_test",
               "CrossRedeemTest."
               "NothingIsAnsweredOverALinkThatIsBeingMadeBesideOne")),

    # --- Deletion: gone on both sides, and for good ---
    Bug("the outbox row of a deletion is forgotten",
        "federation/linking/removals.cc",
        "    case store::v1::ROW_STATE_ESTABLISHED:\n"
        "      outbox_.AddRemoval(row, transaction);",
        "    case store::v1::ROW_STATE_ESTABLISHED:"),
    Bug("the outbox row of a cancel is forgotten",
        "federation/linking/removals.cc",
        "the other account is told\";\n"
        "      outbox_.AddRemoval(row, transaction);",
        "the other account is told\";"),
    Bug("the outbox is not loaded at start",
        "federation/linking/removal_outbox.cc",
        "    Apply(change, /*is_found=*/true);",
        ""),
    Bug("delivery of a deletion is given up at the first failure",
        "federation/linking/removal_outbox.cc",
        "    RetryLater(id, delivery);\n"
        "    return;",
        "    Settle(id, \"REMOVAL_GIVEN_UP\", \"no answer\").IgnoreError();\n"
        "    return;"),
    Bug("a failed call counts as a deletion delivered",
        "federation/linking/removal_outbox.cc",
        "  if (answer.status.ok()) {",
        "  if (answer.status.ok() || !answer.from_peer) {"),
    Bug("a deletion leaves no tombstone",
        "federation/ledger/transaction.cc",
        "  ops_.push_back(\n"
        "      store::Op::Put(store::TombstoneKey(row.id), "
        "store::Encode(tombstone)));",
        ""),
    Bug("LINK_TERMINATED is ignored",
        "federation/sessions/link_health.cc",
        "if (!from_peer || ReasonOf(status) != Reason::kLinkTerminated) "
        "return false;",
        "if (from_peer || !from_peer) return false;"),
    Bug("a Terminate is answered and does nothing",
        "federation/linking/termination.cc",
        "if (!ends) return nullptr;",
        "if (ends || !ends) return nullptr;"),
    Bug("who may be out of reach does not confirm a deletion",
        "federation/linking/removals.cc",
        "    outbox_.AddConfirmation(*row, transaction);",
        ""),
    Bug("a confirmation is answered OK though it is not stored",
        "federation/linking/removals.cc",
        "    if (status.ok()) store::PassFailpoint(\"delete/confirming\");\n"
        "    done(status);",
        "    done(absl::OkStatus());",
        tests=("story_test",
               "ConfirmationTest."
               "AConfirmationIsAnsweredOkOnlyOnceItIsStored")),

    # --- An older copy put back ---
    Bug("a key that its own account enters again is said to have leaked",
        "federation/linking/redemptions.cc",
        "      attempt.IsByPeer()\n          ? \"the linked",
        "      false\n          ? \"the linked",
        tests=("story_test", "RestoreTest.AKeyThatTheLinkedAccount*")),
    Bug("who has forgotten a link that is over is told that its key is used",
        "federation/linking/redemptions.cc",
        "    if (!attempt.IsByPeer()) return RefuseReuse(attempt);\n",
        "    if (true) return RefuseReuse(attempt);\n"),
    Bug("a run counts on where the last one ended",
        "federation/ledger/generation.cc",
        "  if (has_counted_) {",
        "  if (true) {",
        tests=("story_test", "RestoreTest.AnOlderCopyThatHasCountedAsFar*")),
    Bug("which links are lost is not kept with the key",
        "federation/linking/key_entry.cc",
        "      entered.add_lost_interlink_ids(row->id.ToBytes());",
        "",
        tests=("story_test", "ReplacementTest.ALostLinkIsReplaced*")),
    Bug("which links are lost later is not kept with the key",
        "federation/linking/key_redeemer.cc",
        "    if (std::exchange(attempt.is_noting_lost, true)) continue;\n",
        "    if (true) continue;\n",
        tests=("story_test", "ReplacementTest.ALinkThatIsLostAfter*")),
    Bug("a link that stands has the trouble of asking who is at its other end",
        "federation/linking/key_redeemer.cc",
        "  if (row->Is(store::v1::ROW_STATE_ESTABLISHED)) return;\n",
        "",
        tests=("story_test", "HandshakeTest.ALinkIsWellThough*")),
    Bug("of crossed keys one is asked for ever if its issuer is out of reach",
        "federation/linking/key_redeemer.cc",
        "  if (kept == nullptr || cancel.redeem_id().empty()) return;",
        "  return;",
        tests=("story_test", "CrossRedeemTest.WhenOneIsOutOfReach")),
    Bug("the issuer's call does not say which link it has given up",
        "federation/linking/settlement.cc",
        "    } else if (!HasLost(row, *other) && !Names(replaced, other->id)) {",
        "    } else if (!HasLost(row, *other)) {",
        tests=("story_test", "LostAnswerTest.*")),
    Bug("of two links the issuer of the smaller id is not believed",
        "federation/linking/settlement.cc",
        "    if (is_senior && other->record.has_issued_key()) {",
        "    if (false) {",
        tests=("federation_test", "SettlementTest.ACallOfASenior*")),
    Bug("a daemon that knows no merges is asked for one",
        "federation/sessions/session_messages.cc",
        "!request.kept_interlink_id().empty() && !knows_merges_",
        "false",
        tests=("story_test", "CrossRedeemTest.OnlyAPeerThatKnows*")),
    Bug("an attempt that was given up is merged into a lost link",
        "federation/linking/settlement.cc",
        "    if (is_back || !HasLost(row, *other)) return other;",
        "    return other;",
        tests=("federation_test", "SettlementTest.ALinkThatIsOverIsNotMerged*")),
    Bug("an attempt that was merged is told that its key is revoked",
        "federation/linking/redemptions.cc",
        "  if (attempt.IsCancelled()) return Terminated();\n"
        "  return Refusal(Reason::kKeyRevoked,",
        "  return Refusal(Reason::kKeyRevoked,",
        tests=("story_test", "CrossRedeemTest.AnAttemptIsGivenUpOnly*")),
    Bug("the end of a link does not speak of those that it had replaced",
        "federation/linking/removal_outbox.cc",
        "  for (const std::string& id : ReplacedBy(row.record)) {",
        "  for (const std::string& id : ReplacedIds()) {",
        tests=("story_test", "LostAnswerTest.ADeletion*")),
    Bug("the end of a link does not speak of the key that was merged into it",
        "federation/linking/termination.cc",
        "  NoteReplaced(row->id, record);\n",
        "",
        tests=("story_test", "LostMergeTest.ADeletion*")),
    Bug("a peer of whom only the hash of a key is known is not believed",
        "federation/ledger/peer_record.cc",
        "  return root.ok() && !peer.root_spki_sha256().empty() &&",
        "  return false && !peer.root_spki_sha256().empty() &&",
        tests=("story_test", "LostAnswerTest.ADeletionThatTheNextTry*")),
    Bug("a Redeem that is answered again carries nothing",
        "federation/linking/redemptions.cc",
        "      ApplyCarried(attempt, transaction);\n      return",
        "      return",
        tests=("story_test", "LostAnswerTest.ADeletionThatTheNextTry*")),
    Bug("a merge that is refused settles a removal",
        "federation/linking/removals.cc",
        "    return termination_.Merge(request, caller, transaction);",
        "    if (id && outbox_.Find(*id)) outbox_.AddDelivered(*id, transaction);\n"
        "    termination_.Merge(request, caller, transaction).IgnoreError();\n"
        "    return absl::OkStatus();",
        tests=("story_test", "CrossRedeemTest.AMergeThatIsRefused*")),
    Bug("a link that was lost and is back does not stand",
        "federation/linking/settlement.cc",
        "    if (is_back || !HasLost(row, *other)) return other;",
        "    if (!HasLost(row, *other)) return other;",
        tests=("federation_test", "SettlementTest.ALinkThatWasLost*")),
    Bug("a key is merged into a link that does not stand",
        "federation/linking/termination.cc",
        "      !caller.is_peer(kept->record.peer()) || has_linked) {",
        "      has_linked) {",
        tests=("story_test", "CrossRedeemTest.AnAttemptIsGivenUpOnly*")),
    Bug("a restored store keeps its pending keys",
        "federation/linking/restoration.cc",
        "    if (!row.Is(store::v1::ROW_STATE_PENDING)) continue;",
        "    if (row.id == id) continue;"),
    Bug("a later state that a peer tells of is ignored",
        "federation/linking/restoration.cc",
        "  if (!ledger_.generation().IsOfAnotherStore(id, quote)) {",
        "  if (true) {"),
    Bug("the generation file is ignored",
        "federation/linking/restoration.cc",
        "if (highest <= ledger_.generation().count()) return absl::OkStatus();",
        "if (true) return absl::OkStatus();"),

    # --- Own numbers: what peers may hear of ---
    Bug("a private number is answered",
        "federation/directory/directory.cc",
        "if (record.private_() || record.destination().empty()) "
        "return std::nullopt;",
        "if (record.destination().empty()) return std::nullopt;"),
    Bug("a number that becomes private stays in the shared index",
        "federation/directory/directory.cc",
        "if (!view) return shared_.erase(number) > 0;",
        "if (!view) return shared_.count(number) > 0;"),
    Bug("a deleted number stays in the shared index",
        "federation/directory/directory.cc",
        "  own_.erase(number);\n"
        "  return shared_.erase(number) > 0;",
        "  own_.erase(number);\n"
        "  return shared_.count(number) > 0;"),
    Bug("a part of a directory is cut by stored numbers",
        "federation/directory/directory_parts.cc",
        "  size_t bytes = 0;\n"
        "  directory_.VisitShared(",
        "  size_t bytes = directory_.size();\n"
        "  directory_.VisitShared(",
        tests=("federation_test", "DirectoryPartsTest.*")),
    Bug("a paused link still answers",
        "federation/directory/link_access.h",
        "return link.paused ? Verdict::kPaused : Verdict::kPeer;",
        "return link.paused ? Verdict::kPeer : Verdict::kPeer;"),
    Bug("a deleted link still answers",
        "federation/directory/link_access.cc",
        "    links_.erase(id);\n",
        ""),
    Bug("what a peer shares is shared with others",
        Edit("federation/directory/lookups.h",
             " public:\n",
             " public:\n"
             "  const Mirrors* mirrors = nullptr;\n"),
        Edit("federation/directory/lookups.h",
             "#include \"federation/directory/link_access.h\"\n",
             "#include \"federation/directory/link_access.h\"\n"
             "#include \"federation/mirrors/mirrors.h\"\n"),
        Edit("federation/directory/lookups.cc",
             "  if (!shared) {\n",
             "  if (!shared && mirrors != nullptr) {\n"
             "    if (!mirrors->Find(*number).fresh.empty()) {\n"
             "      shared.emplace();\n"
             "    }\n"
             "  }\n"
             "  if (!shared) {\n"),
        Edit("federation/account.cc",
             "  introductions_ = ",
             "  lookups_->mirrors = &mirrors_;\n"
             "  introductions_ = ")),

    # --- Peers' numbers: true, or marked ---
    Bug("a gap in a directory's sequence is ignored",
        "federation/mirrors/mirrors.cc",
        "(mirror.is_complete() && mirror.position() == named)",
        "mirror.is_complete()",
        # A seed shows it, but the first one that does is 1772.
        tests=("federation_test", "MirrorsTest.WhatIsBehind*")),
    Bug("a directory's digest is ignored",
        Edit("federation/directory/directory_position.h",
             "  friend bool operator==(const DirectoryPosition&,\n"
             "                         const DirectoryPosition&) = default;",
             "  friend bool operator==(const DirectoryPosition& a,\n"
             "                         const DirectoryPosition& b) {\n"
             "    return a.sequence == b.sequence;\n"
             "  }")),
    Bug("a lease lasts a thousand times as long",
        "federation/mirrors/mirrors.cc",
        "  link->lease_end = loop_.Now() + kLease;",
        "  link->lease_end = loop_.Now() + 1000 * kLease;"),
    Bug("stale answers are not marked",
        "federation/routing/resolver.cc",
        "resolution.set_stale(true);",
        ""),
    Bug("a mirror's last word is given as fresh",
        "federation/mirrors/mirrors.cc",
        "      finding.stale.push_back(link.HitOf(entry));",
        "      finding.fresh.push_back(link.HitOf(entry));"),
    Bug("an incomplete negative is told as NUMBER_NOT_FOUND",
        "federation/routing/resolver.cc",
        "  if (gaps.unanswered().empty()) return NobodyHas(target, gaps);",
        "  return NobodyHas(target, gaps);"),
    Bug("peers come before the local number",
        "federation/routing/resolver.cc",
        "if (const auto destination = directory_.FindOwn(*number)) {",
        "if (const auto destination = directory_.FindOwn(*number);\n"
        "      destination && mirrors_.Find(*number).fresh.empty()) {"),
    Bug("a mirror is kept after its link",
        "federation/mirrors/mirrors.cc",
        "  link->peer = nullptr;\n"
        "  link->is_dead = true;\n",
        ""),
    Bug("a snapshot may hold what it takes over beside a whole one",
        "federation/mirrors/mirror.cc",
        "  if (position_.count >= limits.per_link || is_third) {\n",
        "  if (!old && (position_.count >= limits.per_link || is_third)) {\n",
        tests=("federation_test",
               "MirrorsTest.ASnapshotTakesNoMoreThanOneLinkMay")),
    Bug("snapshots that never become whole pile up",
        "federation/mirrors/mirror.cc",
        "const bool is_third = !old && stored_ >= 2 * limits.per_link;",
        "const bool is_third = false;",
        tests=("federation_test",
               "MirrorsTest.SnapshotsThatNeverBecomeWholeDoNotPileUp")),
    Bug("a removed number stays in the mirror",
        "federation/mirrors/mirror.cc",
        "  Subtract(*old);\n"
        "  entries.Erase({*number, index_});\n"
        "  --stored_;\n",
        "  Subtract(*old);\n"),

    # --- Calls: whoever is due is let in, and nobody else ---
    Bug("a call is let in over a link that was deleted",
        "federation/routing/call_admission.cc",
        "    if (links_.erase(id) > 0) by_tag_.erase({CallToken::TagOf(id), id});\n",
        ""),
    Bug("a call is let in over a link that is paused",
        "federation/routing/call_admission.cc",
        "  link.is_paused_here = row->record.paused();\n",
        ""),
    Bug("a call is let in over a link that its peer has paused",
        "federation/account.cc",
        "        call_admission_->SetPausedByPeer(id, is_paused);\n",
        "",
        tests=("story_test",
               "CallTest.APauseByTheCallerHoldsAlsoOnceItsSessionIsGone")),
    Bug("a pause by the peer is forgotten when the account starts",
        "federation/routing/call_admission.cc",
        "    link.is_paused_by_peer = row->record.peer().paused();\n",
        ""),
    Bug("a pause by the peer is not stored",
        "federation/sessions/introductions.cc",
        "  peer.set_paused(heard.paused());\n",
        "",
        tests=("story_test",
               "CallTest."
               "APauseByTheCallerHoldsAlsoOnceTheOwnerHasStartedAnew")),
    Bug("a call is let in to a number that is private",
        "federation/directory/directory.cc",
        "  if (shared == shared_.end()) return std::nullopt;\n"
        "  return Called{shared->second.name, own_.at(number)};",
        "  if (!own_.contains(number)) return std::nullopt;\n"
        "  return Called{\"\", own_.at(number)};"),
    Bug("a call is let in without the token that is asked for",
        "federation/routing/call_admission.cc",
        "  if (number && !rules().asks_for_tokens) return AdmitOpenly(*number);",
        "  if (number) return AdmitOpenly(*number);"),
    Bug("the call clock is whatever the wall clock is set to",
        "federation/base/call_clock.h",
        "        at_boot_ + loop_.SinceBoot());",
        "        loop_.WallNow().time_since_epoch());"),
    Bug("a token is dated by the own clock",
        "federation/routing/call_token_mint.h",
        "    const auto terms = terms_.Of(id);",
        "    auto terms = terms_.Of(id);\n"
        "    if (terms) terms->clock = 1;"),
    Bug("the clock of a peer's later start is not taken over",
        Edit("federation/mirrors/peer_call_terms.cc",
             "  found->second.ahead =\n",
             "  if (!found->second.ahead) found->second.ahead =\n"),
        Edit("federation/mirrors/peer_call_terms.cc",
             "  if (!link.ahead || ahead > *link.ahead || *link.ahead - ahead > "
             "kLongestWay) {",
             "  if (!link.ahead) {"),
        tests=("story_test", "CallTest.WrongClocksKeepNobodyOut")),
    Bug("that calls need a token is not taken in",
        "federation/sessions/introductions.cc",
        "  peer.set_asks_for_call_tokens(heard.asks_for_call_tokens());\n",
        ""),
    Bug("the key of a call token is not the link's own",
        "federation/identity/proof.cc",
        "  return Derive(call_secret, std::string(kCallLabel) + id.ToBytes());",
        "  return Derive(call_secret, std::string(kCallLabel));",
        tests=("federation_test", "CallToken*")),
    Bug("the former secret is not taken",
        "federation/routing/call_admission.cc",
        "    if (!former.empty()) is_minted |= token.IsMintedWith(former, id);\n",
        "",
        tests=("story_test",
               "CallTest."
               "AStoreThatWasPutBackHasANewSecretAndTakesTheFormerForALife")),
    Bug("a store that was put back keeps its call secret",
        "federation/linking/restoration.cc",
        "  transaction.RenewCallSecret(*std::move(call_secret));\n",
        "",
        tests=("story_test",
               "CallTest."
               "AStoreThatWasPutBackHasANewSecretAndTakesTheFormerForALife")),
    Bug("a token is admitted any number of times",
        "federation/routing/call_admission.cc",
        "  link.admitted.Add(token, call_id);\n",
        ""),
    Bug("a token is admitted any number of times for one call",
        "federation/routing/admitted_tokens.cc",
        "  ++uses.admissions;\n",
        "  if (!uses.HasCall(HashOf(call_id))) ++uses.admissions;\n"),
    Bug("a token that was used up is good again if tokens live longer",
        "federation/routing/call_admission.cc",
        "  if (std::abs(age) > life || link.admitted.IsForgotten(token)) {",
        "  if (std::abs(age) > life) {",
        tests=("story_test", "CallLimitsTest.ALongerTokenLifeRevives*")),
    Bug("a token has no end",
        "federation/routing/call_admission.cc",
        "  if (std::abs(age) > life || link.admitted.IsForgotten(token)) {",
        "  if (false) {"),

    # --- Sessions and health: a green circle is proved ---
    Bug("green needs no pongs",
        Edit("federation/sessions/link_health.cc",
             "const bool is_alive = now < alive_until;",
             "const bool is_alive = true;"),
        Edit("federation/sessions/link_health.cc",
             "  if (is_alive) {",
             "  if (now < alive_until) {")),
    Bug("a link that is deleted still answers pings",
        "federation/sessions/session_messages.cc",
        "  if (has_left_) return;  // A pong would say that the link stands.\n",
        "",
        tests=("story_test", "SessionTest.ALinkThatIsDeletedAnswersNoPing")),
    Bug("green outlasts its session",
        "federation/sessions/link_health.cc",
        "  if (link.has_session) return until;",
        "  if (link.last_answer) return until;"),
    Bug("green stands over a link that its peer has ended",
        "federation/sessions/link_health.cc",
        "if (!link.last_answer || link.is_terminated) return",
        "if (!link.last_answer) return",
        tests=("story_test",
               "HealthTest.NoGreenStandsOverALinkThatThePeerHasEnded")),
    Bug("a pause by the peer does not take back what it shared",
        "federation/account.cc",
        "if (is_paused) mirrors_.TakeBack(id);",
        "",
        tests=("story_test", "MirrorTest.APauseOutlivesItsSession")),
    Bug("an answer counts ten times as long",
        "federation/sessions/link_health.cc",
        "  const SteadyTime until = *link.last_answer + kAnswerCounts;",
        "  const SteadyTime until = *link.last_answer + 10 * kAnswerCounts;"),
    Bug("a pause is not told to the peer",
        "federation/sessions/introductions.cc",
        "own.set_paused(row != nullptr && row->record.paused());",
        "own.set_paused(row == nullptr);"),
    Bug("a new address is not told to peers",
        "federation/account.cc",
        "  sessions_->IntroduceAll();\n",
        ""),
    Bug("a new address of a peer is not stored",
        "federation/sessions/introductions.cc",
        "*peer.mutable_addresses() = heard.addresses();",
        ""),
    Bug("what a peer says of itself is taken from any stream",
        "federation/sessions/session_messages.cc",
        "  if (is_active_) {\n"
        "    Believe(introduction);",
        "  if (true) {\n"
        "    Believe(introduction);",
        tests=("story_test",
               "IntroductionTest."
               "WhatAPeerSaysOfItselfIsTakenFromTheLinksOwnStreamOnly")),
    Bug("each stream of a peer brings it a new budget of what is stored",
        Edit("federation/peer/link_budget.h",
             "  bool Take(store::InterlinkId link);\n",
             "  bool Take(store::InterlinkId link);\n"
             "  void Forget(store::InterlinkId link) {\n"
             "    buckets_.erase(link);\n"
             "  }\n"),
        Edit("federation/sessions/introductions.cc",
             "  v1::Introduction own;\n",
             "  v1::Introduction own;\n"
             "  store_budget_.Forget(id);\n"),
        tests=("story_test", "HeraldTest.AllStreamsOfAPeerShareOneBudget")),
    Bug("a link that broke is not dialled again",
        "federation/sessions/session_dialler.cc",
        "  DialAfter(id, delay);\n",
        "  (void)delay;\n"),
]
