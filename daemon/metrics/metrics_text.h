#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "federation/base/durations.h"

namespace interlink::daemon {

// Text in Prometheus's format, version 0.0.4. The samples of a family stand
// together, in whatever order they were added.
class MetricsText {
 public:
  using Labels = std::vector<std::pair<const char*, std::string>>;
  // The labels as the format has them; a value may be any UTF-8 text.
  static std::string Braced(const Labels& labels);

  // One metric. A family without samples is shown too.
  class Family {
   public:
    // `labels`: from Braced(), or empty.
    void Add(std::string_view labels, double value) {
      AddSample("", labels, value);
    }
    // One histogram. `counts` has how many values fell in each bucket, the last
    // one without a bound.
    void AddBuckets(const Labels& labels, std::span<const double> bounds,
                    std::span<const uint64_t> counts, double sum);
    void AddTimes(const Labels& labels, const federation::Durations& times);

   private:
    friend class MetricsText;
    Family(std::string_view name, std::string_view help, std::string_view type);
    void AddSample(std::string_view suffix, std::string_view labels,
                   double value);

    const std::string name_;
    std::string text_;
  };

  // The family of that name; makes it if it is not there. References live as
  // long as this.
  Family& Gauges(std::string_view name, std::string_view help) {
    return Find(name, help, "gauge");
  }
  Family& Counters(std::string_view name, std::string_view help) {
    return Find(name, help, "counter");
  }
  Family& Histograms(std::string_view name, std::string_view help) {
    return Find(name, help, "histogram");
  }
  // One sample.
  void Gauge(std::string_view name, std::string_view help, double value,
             const Labels& labels = {}) {
    Gauges(name, help).Add(Braced(labels), value);
  }
  void Counter(std::string_view name, std::string_view help, uint64_t value,
               const Labels& labels = {}) {
    Counters(name, help).Add(Braced(labels), static_cast<double>(value));
  }

  std::string Text() const;

 private:
  Family& Find(std::string_view name, std::string_view help,
               std::string_view type);

  std::deque<Family> families_;
};

}  // namespace interlink::daemon
