#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string>

#include "daemon/metrics/metrics_text.h"
#include "federation/account.h"

namespace interlink::daemon {

// The links in the metrics: how many there are by state and health, and each
// established one by its id. Its name is a label of interlink_link_info alone,
// so that a link that is renamed keeps its other series.
//
// It writes a few rows at a time, so that a thousand links do not hold the loop
// up. Of more than kMost established links the others, by id, have no series of
// their own; interlink_links_without_series says how many.
// Threading: loop only. Lifetime: the arguments must outlive it.
class LinkMetrics {
 public:
  static constexpr size_t kMost = 2'000;
  static constexpr size_t kAtOnce = 50;

  LinkMetrics(federation::Account& account, const federation::EventLoop& loop,
              MetricsText& text, size_t most = kMost);

  // Writes some rows; false once it has written all, and the sums.
  bool WriteSome();

 private:
  struct Families {
    explicit Families(MetricsText& text);

    MetricsText::Family& info;
    MetricsText::Family& up;
    MetricsText::Family& trouble;
    MetricsText::Family& round_trip;
    MetricsText::Family& pong_age;
    MetricsText::Family& mirrored;
    MetricsText::Family& mirror_age;
    MetricsText::Family& calls;
  };

  void Count(const federation::Row& row);
  void Write(const federation::Row& row);
  void WriteLife(const federation::Row& row, const std::string& link);
  void WriteSums();

  federation::Account& account_;
  const federation::EventLoop& loop_;
  MetricsText& text_;
  const size_t most_;
  Families families_;
  store::InterlinkId next_;
  std::map<std::string, size_t> by_state_;
  std::map<std::string, size_t> by_health_;
  size_t established_ = 0;
};

}  // namespace interlink::daemon
