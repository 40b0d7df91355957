#include "daemon/system/logging.h"

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "daemon/system/log_queue.h"

namespace interlink::daemon {
namespace {

// The message as a JSON string, whatever is in it.
class JsonMessage : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& out) override {
    const std::string text =
        nlohmann::json(
            std::string(message.payload.data(), message.payload.size()))
            .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<JsonMessage>();
  }
};

// The message on one line, so that no text from outside forges a line of the
// log.
class TextMessage : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& out) override {
    std::string text(message.payload.data(), message.payload.size());
    std::replace_if(
        text.begin(), text.end(),
        [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<TextMessage>();
  }
};

// Both are made once and never destroyed, because gRPC's threads log to the
// very end.
LogQueue& Queue() {
  static LogQueue& queue = *new LogQueue;
  return queue;
}

spdlog::logger& Logger() {
  static const auto& logger = *new std::shared_ptr<spdlog::logger>([] {
    auto made = std::make_shared<spdlog::logger>(
        "interlinkd", std::shared_ptr<LogQueue>(&Queue(), [](LogQueue*) {}));
    // The process ends after such a line.
    made->flush_on(spdlog::level::critical);
    // spdlog would report a line that it cannot format in a format of its own.
    made->set_error_handler([](const std::string& error) {
      Logger().error(spdlog::string_view_t(error));
    });
    spdlog::set_default_logger(made);
    return made;
  }());
  return *logger;
}

// gRPC would write to standard error in a format of its own. It calls harmless
// things errors, such as a certificate that does not name the dialled address,
// so its messages are for debugging; our own code logs what matters. A failed
// assertion ends the process.
void LogForGrpc(gpr_log_func_args* args) {
  const bool is_end = std::strstr(args->message, "assertion failed") != nullptr;
  Logger().log(is_end ? spdlog::level::critical : spdlog::level::debug,
               "grpc: {}", args->message);
}

// Protobuf would write a line of its own for each message that a peer garbles.
void LogForProtobuf(google::protobuf::LogLevel level, const char*, int,
                    const std::string& message) {
  Logger().log(level == google::protobuf::LOGLEVEL_FATAL
                   ? spdlog::level::critical
                   : spdlog::level::debug,
               "protobuf: {}", message);
}

}  // namespace

void SetUpLogging(const std::string& format, const std::string& level) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>(
      spdlog::pattern_time_type::utc);
  if (format == "json") {
    formatter->add_flag<JsonMessage>('*').set_pattern(
        R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":%*})");
  } else {
    formatter->add_flag<TextMessage>('*').set_pattern(
        "%Y-%m-%dT%H:%M:%S.%eZ %l %*");
  }
  spdlog::logger& logger = Logger();
  logger.set_formatter(std::move(formatter));
  logger.set_level(spdlog::level::from_str(level));
  gpr_set_log_function(LogForGrpc);
  google::protobuf::SetLogHandler(LogForProtobuf);
}

void FlushLog() { Queue().flush(); }

uint64_t LogLinesDropped() { return Queue().dropped(); }

}  // namespace interlink::daemon
