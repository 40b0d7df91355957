#include "federation/directory/numbers.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "federation/base/names.h"
#include "federation/base/paging.h"
#include "federation/base/reason.h"
#include "federation/base/reread.h"
#include "federation/directory/number_import.h"
#include "federation/directory/number_record.h"
#include "federation/directory/number_transaction.h"

namespace interlink::federation {
namespace {

// Numbers that a request looks at, so that a filter which matches nothing does
// not hold the loop.
constexpr size_t kMaxScanned = 20'000;
constexpr size_t kMaxBatch = 1000;

api::Number Show(store::InternalNumber number,
                 const store::v1::NumberRecord& record,
                 const AccountSettings& settings) {
  api::Number shown;
  shown.set_number(number.ToString());
  shown.set_name(record.name());
  shown.set_destination(record.destination());
  shown.set_private_(record.private_());
  shown.set_contact(record.contact());
  *shown.mutable_create_time() = record.create_time();
  *shown.mutable_update_time() = record.update_time();
  shown.set_unreachable(Directory::ViewOf(record).has_value() &&
                        IsUnreachableBy(record.contact(), settings));
  return shown;
}

absl::StatusOr<api::Number> Show(const store::Entry& entry,
                                 const AccountSettings& settings) {
  const auto number = store::ParseNumberKey(entry.key);
  auto record = store::Decode<store::v1::NumberRecord>(entry.value);
  if (!record.ok()) return StoreRefusal(record.status());
  return Show(*number, *record, settings);
}

// `shown` as the reply to what `transaction` changes.
absl::StatusOr<Decided<api::Number>> DecidedOn(api::Number shown,
                                               NumberTransaction& transaction) {
  auto changes = transaction.Finish();
  if (!changes.ok()) return changes.status();
  return Decided<api::Number>{std::move(shown), *std::move(changes)};
}

absl::Status NotFound(store::InternalNumber number) {
  return Refusal(Reason::kNumberNotFound, "this account has no number " +
                                              number.ToString() +
                                              "; list the numbers, or add it");
}

}  // namespace

absl::StatusOr<std::unique_ptr<Numbers>> Numbers::Open(
    Ledger& ledger, const AccountSettings& settings, Directory& directory) {
  std::unique_ptr<Numbers> numbers(new Numbers(ledger, settings, directory));
  store::Database& database = ledger.database();
  numbers->subscription_ = database.Follow(
      std::string(store::kNumberPrefix),
      {.on_commit =
           [numbers = numbers.get()](store::Revision, const auto& changes) {
             for (const store::Change& change : changes) numbers->Apply(change);
           },
       .on_reset = [numbers = numbers.get()] { CheckReread(numbers->Load()); },
       .tell = [numbers = numbers.get()] { numbers->Tell(); }});
  numbers->position_subscription_ = database.Follow(
      std::string(store::kDirectoryKey),
      {.on_commit =
           [&directory](store::Revision, const auto& changes) {
             if (!changes[0].value) return;
             auto record =
                 store::Decode<store::v1::DirectoryRecord>(*changes[0].value);
             if (!record.ok()) return;
             if (auto position = FromRecord(*record)) {
               directory.SetPosition(*position);
             }
           },
       .on_reset = [] {}});  // Load() reads the position too.
  if (auto s = numbers->Load(); !s.ok()) return s;
  numbers->Tell();  // Nobody yet.
  return numbers;
}

absl::Status Numbers::Load() {
  auto entry = database_.Get(store::kDirectoryKey);
  if (!entry.ok()) return StoreRefusal(entry.status());
  std::optional<DirectoryPosition> stored;
  if (*entry) {
    auto record = store::Decode<store::v1::DirectoryRecord>((*entry)->value);
    if (!record.ok()) return record.status();
    stored = FromRecord(*record);
  }
  // There is none if an older version wrote the store.
  DirectoryPosition counted;
  auto status = LoadNumbers(stored ? nullptr : &counted);
  if (status.ok()) directory_.SetPosition(stored.value_or(counted));
  return status;
}

absl::Status Numbers::LoadNumbers(DirectoryPosition* position) {
  const auto known = directory_.Numbers();
  absl::flat_hash_set<store::InternalNumber> gone(known.begin(), known.end());
  // By pages, so that a large account is never in memory twice.
  constexpr size_t kPage = 4096;
  std::string after;
  for (;;) {
    auto entries = database_.Scan(store::kNumberPrefix, after, kPage);
    if (!entries.ok()) return StoreRefusal(entries.status());
    for (const store::Entry& entry : *entries) {
      const auto number = store::ParseNumberKey(entry.key);
      auto record = store::Decode<store::v1::NumberRecord>(entry.value);
      if (!record.ok()) return record.status();
      if (!number) continue;
      const auto view = Directory::ViewOf(*record);
      if (position != nullptr && view) {
        ++position->sequence;
        position->digest += EntryDigest(*number, view->name, view->contact);
        ++position->count;
      }
      gone.erase(*number);
      Take(*number, &*record);
    }
    if (entries->size() < kPage) break;
    after = entries->back().key;
  }
  for (store::InternalNumber number : gone) Take(number, nullptr);
  return absl::OkStatus();
}

void Numbers::Apply(const store::Change& change) {
  const auto number = store::ParseNumberKey(change.key);
  if (!number) return;
  if (!change.value) {
    Take(*number, nullptr);
    return;
  }
  auto record = store::Decode<store::v1::NumberRecord>(*change.value);
  if (record.ok()) Take(*number, &*record);
}

void Numbers::Take(store::InternalNumber number,
                   const store::v1::NumberRecord* record) {
  const bool is_seen = record != nullptr ? directory_.Put(number, *record)
                                         : directory_.Remove(number);
  untold_.push_back(number);
  if (is_seen) untold_shared_.push_back(number);
}

void Numbers::Tell() {
  observers_.TellEach(std::exchange(untold_, {}));
  shared_observers_.TellEach(std::exchange(untold_shared_, {}));
}

void Numbers::Create(const api::CreateNumberRequest& request,
                     Ledger::Done<api::Number> done, Decisions::Wanted wanted) {
  ledger_.Submit<api::Number>(
      [this, request](const Draft& draft) {
        return DecideCreate(request, draft);
      },
      std::move(done), std::move(wanted));
}

absl::StatusOr<Decided<api::Number>> Numbers::DecideCreate(
    const api::CreateNumberRequest& request, const Draft& draft) const {
  auto number = ParseNumber(request.number().number());
  if (!number.ok()) return number.status();
  store::v1::NumberRecord record;
  if (auto s = SetAll(request.number(), *number, record); !s.ok()) return s;
  if (auto s = CheckNewContact("", record.contact(), settings_); !s.ok()) {
    return s;
  }
  auto stored = NumberIn(draft.Get(store::NumberKey(*number)));
  if (!stored.ok()) return stored.status();
  if (*stored) {
    return Refusal(Reason::kNumberTaken,
                   "this account has number " + number->ToString() +
                       " already; `interlinkctl number set " +
                       number->ToString() + "` changes it");
  }
  const auto count = CountIn(draft, directory_);
  if (!count.ok()) return count.status();
  if (*count >= static_cast<size_t>(settings_.max_numbers)) {
    return TooManyNumbers(*count);
  }
  const WallTime now = ledger_.WallNow();
  *record.mutable_create_time() = store::ToTimestamp(now);
  *record.mutable_update_time() = record.create_time();
  NumberTransaction transaction(draft, directory_);
  transaction.Put(*number, std::nullopt, record);
  transaction.Tell(AddedEvent(*number, record, now));
  return DecidedOn(Show(*number, record, settings_), transaction);
}

absl::StatusOr<api::Number> Numbers::Get(std::string_view text) const {
  auto number = ParseNumber(text);
  if (!number.ok()) return number.status();
  auto stored = NumberIn(database_.Get(store::NumberKey(*number)));
  if (!stored.ok()) return stored.status();
  if (!*stored) return NotFound(*number);
  return Show(*number, **stored, settings_);
}

absl::StatusOr<api::ListNumbersResponse> Numbers::List(
    const api::ListNumbersRequest& request) const {
  std::string after;
  if (!request.page_token().empty()) {
    const auto last = store::InternalNumber::Parse(request.page_token());
    if (!last) return BadPageToken();
    after = store::NumberKey(*last);
  }
  const auto size = PageSize(request.page_size());
  if (!size.ok()) return size.status();
  const std::string filter = FoldedName(request.filter());
  // With a filter, a small page may take many entries.
  const size_t batch = request.filter().empty() ? *size : kMaxBatch;
  api::ListNumbersResponse response;
  for (size_t scanned = 0; scanned < kMaxScanned;) {
    auto entries = database_.Scan(store::kNumberPrefix, after, batch);
    if (!entries.ok()) return StoreRefusal(entries.status());
    for (const store::Entry& entry : *entries) {
      auto shown = Show(entry, settings_);
      if (!shown.ok()) return shown.status();
      after = entry.key;
      if (PassesFilter(*shown, filter)) {
        *response.add_numbers() = *std::move(shown);
        if (static_cast<size_t>(response.numbers_size()) == *size) break;
      }
    }
    const bool is_full = static_cast<size_t>(response.numbers_size()) == *size;
    if (!is_full && entries->size() < batch) return response;  // The end.
    scanned += entries->size();
    if (is_full) break;
  }
  response.set_next_page_token(store::ParseNumberKey(after)->ToString());
  return response;
}

void Numbers::Update(const api::UpdateNumberRequest& request,
                     Ledger::Done<api::Number> done, Decisions::Wanted wanted) {
  ledger_.Submit<api::Number>(
      [this, request](const Draft& draft) {
        return DecideUpdate(request, draft);
      },
      std::move(done), std::move(wanted));
}

absl::StatusOr<Decided<api::Number>> Numbers::DecideUpdate(
    const api::UpdateNumberRequest& request, const Draft& draft) const {
  auto number = ParseNumber(request.number().number());
  if (!number.ok()) return number.status();
  auto stored = NumberIn(draft.Get(store::NumberKey(*number)));
  if (!stored.ok()) return stored.status();
  if (!*stored) return NotFound(*number);
  if (request.update_mask().paths().empty()) {
    return Refusal(Reason::kRequestInvalid,
                   "update_mask is empty; name what is to change");
  }
  const store::v1::NumberRecord& before = **stored;
  store::v1::NumberRecord record = before;
  for (const std::string& path : request.update_mask().paths()) {
    auto status = SetField(path, request.number(), *number, record);
    if (!status.ok()) return status;
  }
  if (auto s = CheckNewContact(before.contact(), record.contact(), settings_);
      !s.ok()) {
    return s;
  }
  const WallTime now = ledger_.WallNow();
  *record.mutable_update_time() = store::ToTimestamp(now);
  NumberTransaction transaction(draft, directory_);
  transaction.Put(*number, before, record);
  if (auto changed = ChangedEvent(*number, before, record, now)) {
    transaction.Tell(*std::move(changed));
  }
  if (record.private_() != before.private_()) {
    transaction.Tell(PrivacyEvent(*number, record.private_(), now));
  }
  return DecidedOn(Show(*number, record, settings_), transaction);
}

void Numbers::Delete(std::string_view text, Decisions::Done done,
                     Decisions::Wanted wanted) {
  ledger_.Submit(
      [this, number = std::string(text)](const Draft& draft) {
        return DecideDelete(number, draft);
      },
      std::move(done), std::move(wanted));
}

absl::StatusOr<Changes> Numbers::DecideDelete(const std::string& text,
                                              const Draft& draft) const {
  auto number = ParseNumber(text);
  if (!number.ok()) return number.status();
  auto stored = NumberIn(draft.Get(store::NumberKey(*number)));
  if (!stored.ok()) return stored.status();
  if (!*stored) return NotFound(*number);
  NumberTransaction transaction(draft, directory_);
  transaction.Delete(*number, **stored);
  transaction.Tell(NumberEvent("NUMBER_DELETED",
                               "number " + number->ToString() + " was deleted",
                               ledger_.WallNow()));
  return transaction.Finish();
}

void Numbers::Import(api::ImportNumbersRequest chunk,
                     Ledger::Done<api::ImportNumbersResponse> done,
                     Decisions::Wanted wanted) {
  ++chunks_under_way_;
  ledger_.Submit<api::ImportNumbersResponse>(
      [this, chunk = std::move(chunk)](const Draft& draft)
          -> absl::StatusOr<Decided<api::ImportNumbersResponse>> {
        const auto count = CountIn(draft, directory_);
        if (!count.ok()) return count.status();
        return NumberImport(draft, directory_, settings_, ledger_.WallNow(),
                            *count)
            .Run(chunk);
      },
      [this, done = std::move(done)](auto outcome) mutable {
        --chunks_under_way_;
        done(std::move(outcome));
      },
      std::move(wanted));
}

absl::StatusOr<std::vector<api::Number>> Numbers::Page(std::string_view after,
                                                       size_t limit) const {
  std::string after_key;
  if (auto number = store::InternalNumber::Parse(after)) {
    after_key = store::NumberKey(*number);
  }
  auto entries = database_.Scan(store::kNumberPrefix, after_key, limit);
  if (!entries.ok()) return StoreRefusal(entries.status());
  std::vector<api::Number> page;
  for (const store::Entry& entry : *entries) {
    auto shown = Show(entry, settings_);
    if (!shown.ok()) return shown.status();
    page.push_back(*std::move(shown));
  }
  return page;
}

size_t Numbers::size() const { return directory_.size(); }

}  // namespace interlink::federation
