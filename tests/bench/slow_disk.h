#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "rocksdb/env.h"

namespace interlink::bench {

// A disk in memory whose syncs take so long.
class SlowDisk final : public rocksdb::EnvWrapper {
 public:
  explicit SlowDisk(std::chrono::milliseconds sync)
      : EnvWrapper(std::unique_ptr<rocksdb::Env>(
            rocksdb::NewMemEnv(rocksdb::Env::Default()))),
        sync_(sync) {}

  rocksdb::Status NewWritableFile(const std::string& name,
                                  std::unique_ptr<rocksdb::WritableFile>* file,
                                  const rocksdb::EnvOptions& options) override {
    auto status = EnvWrapper::NewWritableFile(name, file, options);
    if (status.ok()) *file = std::make_unique<File>(std::move(*file), sync_);
    return status;
  }

 private:
  class File final : public rocksdb::WritableFileWrapper {
   public:
    File(std::unique_ptr<rocksdb::WritableFile> target,
         std::chrono::milliseconds sync)
        : WritableFileWrapper(target.get()),
          target_(std::move(target)),
          sync_(sync) {}
    rocksdb::Status Sync() override {
      std::this_thread::sleep_for(sync_);
      return target_->Sync();
    }

   private:
    const std::unique_ptr<rocksdb::WritableFile> target_;
    const std::chrono::milliseconds sync_;
  };

  const std::chrono::milliseconds sync_;
};

}  // namespace interlink::bench
