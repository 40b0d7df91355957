#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace interlink::testing {

// The way to a member of etcd, on which its answers can be held back, while
// what was asked arrives.
//
// Threading: one thread; it has one of its own. `endpoint` and its own are
// "127.0.0.1:PORT".
class SlowAnswers {
 public:
  explicit SlowAnswers(const std::string& endpoint);
  ~SlowAnswers();

  std::string endpoint() const;
  void Hold() { holds_ = true; }
  void Release() { holds_ = false; }
  // Ends all connections; new ones lead to another member.
  void LeadTo(const std::string& endpoint);

 private:
  struct Connection {
    int client, member;
  };

  void Run();
  void Accept();
  // Whether both sides still have something to say.
  bool Pass(int from, int to);

  std::atomic<int> member_port_;
  int listener_ = -1;
  std::vector<Connection> connections_;  // The thread's.
  std::atomic<bool> holds_ = false, is_ending_ = false, drops_all_ = false;
  std::thread thread_;
};

}  // namespace interlink::testing
