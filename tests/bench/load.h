#pragma once

#include <grpcpp/channel.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace interlink::bench {

// What one burst of calls came to.
struct LoadResult {
  double per_second = 0;
  double median_ms = 0;
  double p99_ms = 0;
};

// Calls Lookup over `channels`, in turn, with `in_flight` calls under way all
// the time, for `time`. Numbers run from `first` for `count`. Ends the program
// if a call fails.
LoadResult RunLookups(
    const std::vector<std::shared_ptr<grpc::Channel>>& channels,
    const std::string& interlink_id, int first, int count, int in_flight,
    std::chrono::milliseconds time);

// The same of Resolve, of numbers that a linked account has.
LoadResult RunResolves(
    const std::vector<std::shared_ptr<grpc::Channel>>& channels, int first,
    int count, int in_flight, std::chrono::milliseconds time);

// The same of numbers that none has, while links do not answer.
LoadResult RunMisses(
    const std::vector<std::shared_ptr<grpc::Channel>>& channels, int first,
    int count, int in_flight, std::chrono::milliseconds time);

}  // namespace interlink::bench
