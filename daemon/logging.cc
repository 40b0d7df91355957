#include "daemon/logging.h"

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

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

// The message on one line: nobody writes lines of his own into the log.
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

// Made once, because other threads may be using it, and never destroyed,
// because gRPC's may do so to the end.
spdlog::logger& Logger() {
  static const auto& logger = *new std::shared_ptr<spdlog::logger>([] {
    auto made = std::make_shared<spdlog::logger>(
        "interlinkd", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->flush_on(spdlog::level::trace);
    spdlog::set_default_logger(made);
    return made;
  }());
  return *logger;
}

// gRPC would write to standard error in a format of its own. At the level of
// debugging, because it calls an error what is none, such as a certificate that
// does not name the address dialled; ours are told with what they mean.
void LogForGrpc(gpr_log_func_args* args) {
  Logger().debug("grpc: {}", args->message);
}

// Protobuf would write a line for each message that a peer garbles, past every
// format and level.
void LogForProtobuf(google::protobuf::LogLevel, const char*, int,
                    const std::string& message) {
  Logger().debug("protobuf: {}", message);
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

}  // namespace interlink::daemon
