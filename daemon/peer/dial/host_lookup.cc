#include "daemon/peer/dial/host_lookup.h"

#include <netdb.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <map>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace interlink::daemon {
namespace {

using Endpoint = boost::asio::ip::tcp::endpoint;

// Of getaddrinfo().
absl::Status ErrorOf(int error) {
  const std::string why =
      error == EAI_SYSTEM ? std::strerror(errno) : gai_strerror(error);
  switch (error) {
    case EAI_NONAME:
    case EAI_NODATA:
    case EAI_ADDRFAMILY:
      return absl::NotFoundError(why);
    default:
      return absl::UnavailableError(why);
  }
}

}  // namespace

HostLookup::Found HostLookup::AskSystem(const std::string& host,
                                        const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* first = nullptr;
  const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &first);
  if (error != 0) return ErrorOf(error);
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> all(first,
                                                               freeaddrinfo);
  HostLookup::Endpoints endpoints;
  for (const addrinfo* i = first; i != nullptr; i = i->ai_next) {
    Endpoint endpoint;
    if (i->ai_addrlen > endpoint.capacity()) continue;
    std::memcpy(endpoint.data(), i->ai_addr, i->ai_addrlen);
    endpoint.resize(i->ai_addrlen);
    endpoints.push_back(endpoint);
  }
  return endpoints;
}

// Begins with the family that the system puts first.
HostLookup::Endpoints HostLookup::InTurn(Endpoints endpoints, size_t round) {
  Endpoints mixed;
  const auto second = std::stable_partition(
      endpoints.begin(), endpoints.end(), [&](const Endpoint& endpoint) {
        return endpoint.protocol() == endpoints.front().protocol();
      });
  for (auto a = endpoints.begin(), b = second;
       a != second || b != endpoints.end();) {
    if (a != second) mixed.push_back(*a++);
    if (b != endpoints.end()) mixed.push_back(*b++);
  }
  if (mixed.size() <= kMostEndpoints) return mixed;
  const size_t first = round * kMostEndpoints % mixed.size();
  std::rotate(mixed.begin(), mixed.begin() + static_cast<ptrdiff_t>(first),
              mixed.end());
  mixed.resize(kMostEndpoints);
  return mixed;
}

struct HostLookup::Questions {
  struct Question {
    std::string host;
    std::string port;
    std::weak_ptr<void> asker;
    Done done;
  };

  Questions(federation::EventLoop& the_loop, Ask the_ask)
      : ask(std::move(the_ask)), loop(&the_loop) {}

  const Ask ask;
  absl::Mutex mutex;
  federation::EventLoop* loop ABSL_GUARDED_BY(mutex);  // Null at the end.
  std::deque<Question> waiting ABSL_GUARDED_BY(mutex);
  // How often each name with more than kMostEndpoints was looked up.
  std::map<std::string, size_t> rounds ABSL_GUARDED_BY(mutex);
  int threads ABSL_GUARDED_BY(mutex) = 0;

  // Runs on a thread of its own, until no question waits.
  void AnswerAll() {
    absl::MutexLock lock(&mutex);
    while (!waiting.empty()) {
      Question question = std::move(waiting.front());
      waiting.pop_front();
      if (question.asker.expired()) continue;
      mutex.Unlock();
      Found found = ask(question.host, question.port);
      if (found.ok() && found->empty()) {
        found = absl::NotFoundError("it has no address");
      }
      mutex.Lock();
      if (found.ok()) {
        const size_t round =
            found->size() > kMostEndpoints ? NextRound(question.host) : 0;
        found = InTurn(*std::move(found), round);
      }
      Answer(std::move(question), std::move(found));
    }
    --threads;
  }

  size_t NextRound(const std::string& host)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    // Peers can name as many hosts as they like.
    constexpr size_t kMostNames = 1'000;
    if (rounds.size() >= kMostNames) rounds.clear();
    return rounds[host]++;
  }

  void Answer(Question question, Found found)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    if (loop == nullptr) return;
    loop->Post(
        [question = std::move(question), found = std::move(found)]() mutable {
          if (!question.asker.expired()) question.done(std::move(found));
        });
  }
};

HostLookup::HostLookup(federation::EventLoop& loop, Ask ask)
    : questions_(std::make_shared<Questions>(loop, std::move(ask))) {}

HostLookup::~HostLookup() {
  absl::MutexLock lock(&questions_->mutex);
  questions_->loop = nullptr;
  questions_->waiting.clear();
}

void HostLookup::Find(std::string host, std::string port,
                      std::weak_ptr<void> asker, Done done) {
  absl::MutexLock lock(&questions_->mutex);
  questions_->waiting.push_back(
      {std::move(host), std::move(port), std::move(asker), std::move(done)});
  if (questions_->threads == kMostThreads) return;
  try {
    std::thread([questions = questions_] { questions->AnswerAll(); }).detach();
    ++questions_->threads;
  } catch (const std::system_error&) {
    // The system has no thread left, so one of ours takes the question.
    if (questions_->threads > 0) return;
    questions_->Answer(std::move(questions_->waiting.back()),
                       absl::UnavailableError("there is no thread to ask the "
                                              "system for it"));
    questions_->waiting.pop_back();
  }
}

}  // namespace interlink::daemon
