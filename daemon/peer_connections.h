#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "federation/event_loop.h"

namespace interlink::daemon {

// The federation connections that stand: how many there are and from where, and
// whether a linked account speaks over them (design.md section 3).
//
// gRPC owns the connections and does not tell when they end. So a duplicate of
// each descriptor is kept and watched for the hang-up that gRPC's or the peer's
// closing brings; until then its only use is to shut down a connection over
// which no link has spoken in time.
// Threading: MarkLinked() and the counts from any thread, the rest loop only.
class PeerConnections {
 public:
  struct Limits {
    int in_all;
    int per_source;  // An IPv4 address or an IPv6 /64 network.
    federation::Duration unlinked;
  };

  PeerConnections(boost::asio::io_context& context, federation::EventLoop& loop,
                  const Limits& limits);
  ~PeerConnections();
  PeerConnections(const PeerConnections&) = delete;
  PeerConnections& operator=(const PeerConnections&) = delete;

  // Takes note of a connection that is about to be handed to gRPC; false if it
  // is one too many and has to be closed.
  bool Add(boost::asio::ip::tcp::socket& socket);

  // A call of a link's peer was accepted over the connection from `source`
  // ("host:port", as SourceOf() writes it).
  void MarkLinked(const std::string& source);

  int open() const { return open_; }
  uint64_t refused() const { return refused_; }
  uint64_t timed_out() const { return timed_out_; }

 private:
  struct Connection {
    std::string source;
    std::string network;  // What counts as one source.
    uint64_t number;
  };
  struct Overdue {
    federation::SteadyTime time;
    int descriptor;
    std::string source;
  };

  bool HasRoomFor(const std::string& network) const;
  void WatchForEnds();
  void ForgetEnded();
  void Forget(int descriptor);
  void AwaitOverdue();
  void CloseOverdue();
  void AwaitGreedy();
  void CloseGreedy();

  federation::EventLoop& loop_;
  const Limits limits_;
  // An epoll of our own, because Asio's would wake the loop for every byte
  // that arrives.
  boost::asio::posix::stream_descriptor ends_;
  std::map<int, Connection> connections_;  // By duplicate descriptor.
  std::map<std::string, int> by_network_;
  // Networks that have flooded, and until when nothing more is taken from them.
  std::map<std::string, federation::SteadyTime> banned_;
  // By the connection's number, so that the first is due first.
  std::map<uint64_t, Overdue> overdue_;
  uint64_t next_number_ = 0;
  std::unique_ptr<federation::EventLoop::Timer> overdue_timer_;
  std::unique_ptr<federation::EventLoop::Timer> greedy_timer_;
  // What Asio still has queued for a destroyed object finds this gone.
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

  absl::Mutex mutex_;
  // The descriptors of those over which no link has spoken yet, by source.
  absl::flat_hash_map<std::string, int> unlinked_ ABSL_GUARDED_BY(mutex_);
  // Its size, so that calls take no lock while all connections are linked.
  std::atomic<size_t> unlinked_count_{0};
  std::atomic<int> open_{0};
  std::atomic<uint64_t> refused_{0};
  std::atomic<uint64_t> timed_out_{0};
};

// "host:port" of the other end, as gRPC names it ("ipv4:192.0.2.1:5060",
// "ipv6:%5B2001:db8::1%5D:5060").
std::string SourceOf(const std::string& grpc_peer);
std::string SourceOf(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace interlink::daemon
