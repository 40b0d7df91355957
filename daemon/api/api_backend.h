#pragma once

#include <functional>
#include <string>

#include "daemon/api/api_streams.h"
#include "daemon/api/backup_runner.h"
#include "daemon/api/change_journal.h"
#include "daemon/doctor/doctor.h"
#include "daemon/rpc/rpc_counts.h"
#include "daemon/system/asio_event_loop.h"
#include "daemon/system/store_keeper.h"
#include "federation/account.h"

namespace interlink::daemon {

// What has changed lately, for the watches of all listeners.
struct Journals {
  Journals(federation::EventLoop& loop, federation::Account& account)
      : numbers(loop, account.numbers().observers()),
        interlinks(loop, account.interlinks().observers()) {}

  ChangeJournal<store::InternalNumber> numbers;
  ChangeJournal<store::InterlinkId> interlinks;
};

// What every listener of the API serves from.
struct ApiBackend {
  AsioEventLoop& loop;
  federation::Account& account;
  ApiStreams& streams;
  Journals& journals;
  BackupRunner& backups;
  const StoreKeeper& store;
  Doctor& doctor;
  RpcCounts& counts;
  std::function<std::string()> settings_failure;  // Of the latest reload.
};

}  // namespace interlink::daemon
