#include "daemon/metrics/metrics_text.h"

#include <array>
#include <charconv>

namespace interlink::daemon {
namespace {

// The shortest text that reads as the same number.
void AppendNumber(double value, std::string& text) {
  std::array<char, 32> digits{};
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  text.append(digits.data(), end);
}

}  // namespace

std::string MetricsText::Braced(const Labels& labels) {
  if (labels.empty()) return "";
  std::string text;
  for (const auto& [name, value] : labels) {
    text += text.empty() ? "{" : ",";
    text += name;
    text += "=\"";
    for (const char c : value) {
      if (c == '\n') {
        text += "\\n";
      } else {
        if (c == '\\' || c == '"') text += '\\';
        text += c;
      }
    }
    text += '"';
  }
  return text + "}";
}

MetricsText::Family::Family(std::string_view name, std::string_view help,
                            std::string_view type)
    : name_(name) {
  for (const auto& [word, rest] :
       {std::pair("# HELP ", help), std::pair("# TYPE ", type)}) {
    text_.append(word).append(name).append(" ").append(rest).append("\n");
  }
}

void MetricsText::Family::AddSample(std::string_view suffix,
                                    std::string_view labels, double value) {
  text_.append(name_).append(suffix).append(labels).append(" ");
  AppendNumber(value, text_);
  text_ += '\n';
}

void MetricsText::Family::AddBuckets(const Labels& labels,
                                     std::span<const double> bounds,
                                     std::span<const uint64_t> counts,
                                     double sum) {
  uint64_t total = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    total += counts[i];
    std::string bound = "+Inf";
    if (i < bounds.size()) {
      bound.clear();
      AppendNumber(bounds[i], bound);
    }
    Labels bucket = labels;
    bucket.emplace_back("le", std::move(bound));
    AddSample("_bucket", Braced(bucket), static_cast<double>(total));
  }
  AddSample("_sum", Braced(labels), sum);
  AddSample("_count", Braced(labels), static_cast<double>(total));
}

void MetricsText::Family::AddTimes(const Labels& labels,
                                   const federation::Durations& times) {
  constexpr auto& kBounds = federation::Durations::kBounds;
  std::array<uint64_t, kBounds.size() + 1> counts{};
  for (size_t i = 0; i < counts.size(); ++i) counts[i] = times.bucket(i);
  AddBuckets(labels, kBounds, counts, times.seconds());
}

MetricsText::Family& MetricsText::Find(std::string_view name,
                                       std::string_view help,
                                       std::string_view type) {
  for (Family& family : families_) {
    if (family.name_ == name) return family;
  }
  families_.push_back(Family(name, help, type));
  return families_.back();
}

std::string MetricsText::Text() const {
  std::string text;
  for (const Family& family : families_) text += family.text_;
  return text;
}

}  // namespace interlink::daemon
