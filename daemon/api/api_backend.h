#pragma once

#include "daemon/api/api_streams.h"
#include "daemon/api/backup_runner.h"
#include "daemon/doctor/doctor.h"
#include "daemon/rpc/rpc_counts.h"
#include "daemon/system/asio_event_loop.h"
#include "daemon/system/store_keeper.h"
#include "federation/account.h"

namespace interlink::daemon {

// What every listener of the API serves from.
struct ApiBackend {
  AsioEventLoop& loop;
  federation::Account& account;
  ApiStreams& streams;
  BackupRunner& backups;
  const StoreKeeper& store;
  Doctor& doctor;
  RpcCounts& counts;
};

}  // namespace interlink::daemon
