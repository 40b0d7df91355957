#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/etcd/options.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace interlink::testing {

// An etcd of one or more members, which are processes of Debian's etcd on ports
// of this machine. They end with it, and with the test program.
//
// Threading: one thread.
class EtcdCluster {
 public:
  struct Certificates {
    std::string authority, certificate, key;  // Paths of PEM files.
  };
  struct Setup {
    size_t members = 1;
    std::vector<std::string> flags;  // More for each member.
    // Clients have to show a certificate, and so does the cluster.
    std::optional<Certificates> tls;
  };

  // Why there is none on this machine; empty if there is.
  static std::string WhyNot();
  // One of one member that all tests of a program share, each under a prefix of
  // its own.
  static EtcdCluster& Shared();

  // Returns once it answers.
  explicit EtcdCluster(Setup setup);
  EtcdCluster() : EtcdCluster(Setup{}) {}

  // For OpenEtcd(), under a prefix that nobody else has.
  store::EtcdOptions NewAccount();
  const std::vector<std::string>& endpoints() const { return endpoints_; }
  // Which member is the leader.
  size_t Leader();

  void Kill(size_t member);  // As if its machine lost power.
  // Begins it again with what it had; returns at once.
  void Start(size_t member);
  void Freeze(size_t member);
  void Thaw(size_t member);
  // Whether a client is answered, within kPatience.
  bool AwaitAnswers();
  // Ends all members, and begins again with what the snapshot `file` holds; but
  // for one of them, if `but` is given.
  void PutBack(const std::string& file, std::optional<size_t> but = {});

  // What "etcdctl ARGUMENTS" prints. `arguments` are read by a shell.
  std::string Ctl(const std::string& arguments);
  std::string File(const std::string& name) const {
    return directory_.File(name);
  }

 private:
  struct Member {
    std::string client_url, peer_url;
    std::unique_ptr<ChildProcess> process;
  };
  std::string DataOf(size_t member) const;

  const Setup setup_;
  const TempDir directory_;
  std::vector<Member> members_;
  std::vector<std::string> endpoints_;
  std::string initial_cluster_;
  int accounts_ = 0;
};

}  // namespace interlink::testing
