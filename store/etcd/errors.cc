#include "store/etcd/errors.h"

namespace interlink::store {
namespace {

bool Says(const absl::Status& status, absl::string_view words) {
  return status.message().find(words) != absl::string_view::npos;
}

bool IsEtcds(const absl::Status& status) {
  return status.message().rfind("etcdserver: ", 0) == 0;
}

std::string WhatToDo(const absl::Status& status) {
  if (Says(status, "database space exceeded")) {
    return "its database has reached its quota: compact it, defragment each "
           "member, then run \"etcdctl alarm disarm\", and the daemon goes on "
           "by "
           "itself";
  }
  if (Says(status, "request is too large") ||
      Says(status, "too many operations")) {
    return "it takes less than by default: start it with --max-request-bytes "
           "of "
           "at least 1572864 and --max-txn-ops of at least 128";
  }
  switch (status.code()) {
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return "the user that the certificate's common name is needs a role that "
             "may read and write the whole prefix: \"etcdctl role "
             "grant-permission ROLE --prefix=true readwrite PREFIX\"";
    case absl::StatusCode::kInvalidArgument:
      if (Says(status, "user name is empty")) {
        return "it asks who calls: give a certificate whose common name is one "
               "of its users";
      }
      break;
    default:
      break;
  }
  if (Says(status, "no leader") || Says(status, "request timed out") ||
      Says(status, "leader changed") ||
      status.code() == absl::StatusCode::kDeadlineExceeded) {
    return "most of its members have to run and reach each other: look at "
           "\"etcdctl endpoint status --cluster\"";
  }
  return "check that it runs, that this machine reaches it and that the "
         "certificates fit";
}

}  // namespace

bool IsRefusal(const absl::Status& status) {
  if (Says(status, "too many requests")) return false;  // Later it may take it.
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kFailedPrecondition:
      // gRPC has errors of its own under these codes.
      return IsEtcds(status);
    default:
      return false;
  }
}

bool IsFinal(const absl::Status& status) {
  return (absl::IsDataLoss(status) || absl::IsFailedPrecondition(status)) &&
         !IsEtcds(status);
}

absl::Status EtcdUnavailable(const std::string& sentence) {
  return absl::UnavailableError("STORE_UNAVAILABLE: " + sentence);
}

std::string InWords(const std::string& endpoint, const absl::Status& status) {
  return "etcd at " + endpoint + " answers \"" + std::string(status.message()) +
         "\": " + WhatToDo(status);
}

absl::Status NotOurs(const std::string& name, absl::string_view detail) {
  return absl::DataLossError(
      name + " in etcd was changed by something else than Interlink (" +
      std::string(detail) +
      "); nothing has been deleted: restore a backup under another prefix");
}

absl::Status PutBack(std::string_view detail) {
  return absl::FailedPreconditionError(
      "etcd was put back to an older state or replaced (" +
      std::string(detail) +
      "): what was read of it before holds no longer; open the account again");
}

}  // namespace interlink::store
