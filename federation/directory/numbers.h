#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "federation/base/api.h"
#include "federation/base/observers.h"
#include "federation/base/settings.h"
#include "federation/directory/directory.h"
#include "federation/ledger/ledger.h"
#include "store/database.h"
#include "store/internal_number.h"

namespace interlink::federation {

// The internal numbers of this account as its administrator sees them.
//
// Threading: loop only.
class Numbers {
 public:
  // Fills `directory` from the store and keeps it in step. The arguments must
  // outlive this.
  static absl::StatusOr<std::unique_ptr<Numbers>> Open(
      Ledger& ledger, const AccountSettings& settings, Directory& directory);

  // The API's requests. Changes are answered once they are stored, and not made
  // once they are not `wanted`. Errors: as in interlink.proto.
  void Create(const api::CreateNumberRequest& request,
              Ledger::Done<api::Number> done, Decisions::Wanted wanted = {});
  void Update(const api::UpdateNumberRequest& request,
              Ledger::Done<api::Number> done, Decisions::Wanted wanted = {});
  void Delete(std::string_view number, Decisions::Done done,
              Decisions::Wanted wanted = {});
  absl::StatusOr<api::Number> Get(std::string_view number) const;
  absl::StatusOr<api::ListNumbersResponse> List(
      const api::ListNumbersRequest& request) const;

  // As NumberImport::Run(): the outcome of this chunk alone, for AddChunk().
  void Import(api::ImportNumbersRequest chunk,
              Ledger::Done<api::ImportNumbersResponse> done,
              Decisions::Wanted wanted = {});
  // Chunks that are not answered yet. Each may have 100 KB, and more that its
  // client has sent behind it: whoever serves them bounds them.
  int chunks_under_way() const { return chunks_under_way_; }

  // Called after every change of a number, which may be gone. The whole commit
  // is in memory by then.
  Observers<store::InternalNumber>& observers() { return observers_; }
  // Called only if the change is one that peers see.
  Observers<store::InternalNumber>& shared_observers() {
    return shared_observers_;
  }
  // For a watcher: the first `limit` numbers after the number `after`, or after
  // the beginning if that is empty.
  absl::StatusOr<std::vector<api::Number>> Page(std::string_view after,
                                                size_t limit) const;

  size_t size() const;

 private:
  Numbers(Ledger& ledger, const AccountSettings& settings, Directory& directory)
      : ledger_(ledger),
        database_(ledger.database()),
        settings_(settings),
        directory_(directory) {}

  absl::StatusOr<Decided<api::Number>> DecideCreate(
      const api::CreateNumberRequest& request, const Draft& draft) const;
  absl::StatusOr<Decided<api::Number>> DecideUpdate(
      const api::UpdateNumberRequest& request, const Draft& draft) const;
  absl::StatusOr<Changes> DecideDelete(const std::string& number,
                                       const Draft& draft) const;

  void Apply(const store::Change& change);
  void Tell();
  // `record`: nullptr if the number is gone.
  void Take(store::InternalNumber number,
            const store::v1::NumberRecord* record);
  absl::Status Load();
  // Also counts the position of the shared directory, unless it is nullptr.
  absl::Status LoadNumbers(DirectoryPosition* position);

  Ledger& ledger_;
  store::Database& database_;
  const AccountSettings& settings_;
  Directory& directory_;
  // Numbers that the last commit changed, and those whose change peers see.
  std::vector<store::InternalNumber> untold_;
  std::vector<store::InternalNumber> untold_shared_;
  Observers<store::InternalNumber> observers_;
  Observers<store::InternalNumber> shared_observers_;
  std::unique_ptr<store::Database::Subscription> subscription_;
  std::unique_ptr<store::Database::Subscription> position_subscription_;
  int chunks_under_way_ = 0;
};

}  // namespace interlink::federation
