#include "tests/simulation/edits.h"

#include "federation/base/reason.h"
#include "store/records.h"

namespace interlink::testing {

using federation::Reason;
using federation::ReasonOf;

std::string Edits::StoreKey(const Key& key) {
  return store::NumberKey(*store::InternalNumber::Parse(key.second));
}

void Edits::Begin(size_t account, const Edit& edit) {
  const Key key{account, edit.number};
  ++asked_[key];
  const auto answered = [this, key, edit](const absl::Status& status) {
    Answered(key, edit, status);
  };
  const auto shown = [answered](const absl::StatusOr<api::Number>& number) {
    answered(number.status());
  };
  auto& numbers = accounts_[account]->account().numbers();
  if (edit.kind == Edit::Kind::kAdd) {
    api::CreateNumberRequest request;
    request.mutable_number()->set_number(edit.number);
    request.mutable_number()->set_destination("sip:x@10.0.0.1");
    request.mutable_number()->set_private_(edit.is_private);
    numbers.Create(request, shown);
  } else if (edit.kind == Edit::Kind::kDelete) {
    numbers.Delete(edit.number, answered);
  } else {
    api::UpdateNumberRequest request;
    request.mutable_number()->set_number(edit.number);
    request.mutable_number()->set_private_(edit.is_private);
    request.mutable_update_mask()->add_paths("private");
    numbers.Update(request, shown);
  }
}

void Edits::Answered(const Key& key, const Edit& edit,
                     const absl::Status& status) {
  --asked_[key];
  const bool is_add = edit.kind == Edit::Kind::kAdd;
  const auto before = known_.find(key);
  const bool is_decided = status.ok() ||
                          ReasonOf(status) == Reason::kNumberTaken ||
                          ReasonOf(status) == Reason::kNumberNotFound;
  if (before != known_.end() && is_decided &&
      status.ok() != (before->second.is_there != is_add)) {
    violate_(accounts_[key.first]->name() + " answers " + status.ToString() +
             " to an edit of " + key.second + ", which is " +
             (before->second.is_there ? "there" : "not there"));
  }
  const auto after = After(edit, status);
  if (after) {
    Known known = *after;
    if (!known.is_private && before != known_.end()) {
      known.is_private = before->second.is_private;
    }
    known_[key] = known;
  } else {
    known_.erase(key);
  }
  if (asked_[key] == 0) CheckStored(key);
}

std::optional<Edits::Known> Edits::After(const Edit& edit,
                                         const absl::Status& status) {
  if (ReasonOf(status) == Reason::kNumberTaken) return Known{true, {}};
  if (ReasonOf(status) == Reason::kNumberNotFound) return Known{false, {}};
  if (!status.ok()) return std::nullopt;
  if (edit.kind == Edit::Kind::kDelete) return Known{false, {}};
  return Known{true, edit.is_private};
}

void Edits::CheckStored(const Key& key) const {
  const auto known = known_.find(key);
  if (known == known_.end()) return;
  SimulatedAccount& account = *accounts_[key.first];
  const auto entry = *account.database().Get(StoreKey(key));
  bool is_so = entry.has_value() == known->second.is_there;
  if (entry && known->second.is_private) {
    is_so &= store::Decode<store::v1::NumberRecord>(entry->value)->private_() ==
             *known->second.is_private;
  }
  if (!is_so) {
    violate_("number " + key.second + " of " + account.name() +
             " is not what its administrator was answered");
  }
}

void Edits::Started(size_t account) {
  for (const auto& [key, known] : known_) {
    if (key.first == account) CheckStored(key);
  }
}

void Edits::Stopped(size_t account) {
  for (auto& [key, asked] : asked_) {
    if (key.first != account || std::exchange(asked, 0) == 0) continue;
    known_.erase(key);
  }
}

void Edits::PutBack(size_t account) {
  std::erase_if(known_, [account](const auto& known) {
    return known.first.first == account;
  });
}

}  // namespace interlink::testing
