#include "daemon/http/pbx_pages.h"

#include <google/protobuf/util/json_util.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "daemon/net/source_network.h"
#include "federation/base/host.h"
#include "federation/base/reason.h"

namespace interlink::daemon {
namespace {

using federation::Reason;
using federation::ReasonOf;
using federation::Refusal;
using federation::SentenceOf;
using federation::api::Resolution;

constexpr char kAllow[] = "--pbx-http-allow";
constexpr char kDoor[] = "http";  // In the log.

PbxPage PageAt(std::string_view path) {
  if (path == "/v1/resolve") return PbxPage::kResolve;
  if (path == "/v1/authorize") return PbxPage::kAuthorize;
  if (path == "/v1/phonebook") return PbxPage::kPhoneBook;
  return PbxPage::kNone;
}

// Whether an Accept header names JSON. Any other, "*/*" included, gets text.
bool WantsJson(std::string_view accept) {
  if (accept.empty() || accept == "*/*") return false;  // As PBXs ask.
  for (absl::string_view range :
       absl::StrSplit(absl::string_view(accept.data(), accept.size()), ',')) {
    const std::vector<absl::string_view> parts = absl::StrSplit(range, ';');
    if (!absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(parts[0]),
                                "application/json")) {
      continue;
    }
    for (size_t i = 1; i < parts.size(); ++i) {
      const auto weight = absl::StripAsciiWhitespace(parts[i]);
      if (weight == "q=0" || weight == "q=0.0") return false;
    }
    return true;
  }
  return false;
}

HttpResponse Text(std::string line) {
  return {.content_type = "text/plain; charset=utf-8",
          .body = std::make_shared<const std::string>(std::move(line))};
}

HttpResponse Empty(unsigned status, std::optional<Reason> reason,
                   std::string_view sentence) {
  return {.status = status,
          .headers = {{"X-Interlink-Reason",
                       reason ? std::string(ReasonName(*reason)) : "INTERNAL"},
                      {"X-Interlink-Message", HeaderText(sentence)}}};
}

// `list` is the setting that names who may ask.
HttpRefusal NotIn(const std::string& list,
                  const boost::asio::ip::address& source) {
  return {403, Reason::kNotPermitted,
          source.to_string() + " is not in " + list};
}

HttpResponse Json(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string text;
  const auto status =
      google::protobuf::util::MessageToJsonString(message, &text, options);
  if (!status.ok()) {
    return Empty(500, std::nullopt, "the answer cannot be written as JSON");
  }
  HttpResponse response = Text(std::move(text));
  response.content_type = "application/json";
  return response;
}

unsigned StatusOf(const absl::Status& error) {
  switch (error.code()) {
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kInvalidArgument:
      // What cannot be a number is nobody's.
      return ReasonOf(error) == Reason::kNumberInvalid ? 404 : 400;
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kFailedPrecondition:
      return 403;
    case absl::StatusCode::kResourceExhausted:
      return 429;
    case absl::StatusCode::kUnavailable:
      return 503;
    default:
      return 500;
  }
}

HttpResponse Error(const absl::Status& error) {
  HttpResponse response =
      Empty(StatusOf(error), ReasonOf(error), SentenceOf(error));
  if (response.status == 429 || response.status == 503) {
    response.headers.emplace_back("Retry-After", "1");
  }
  return response;
}

// At which ports the PBX takes calls nobody knows here. On loopback there may
// be other PBXs: which routes may lead there is RoutingPolicy's to say.
federation::Asker AskerOf(const HttpRequest& request) {
  federation::Asker asker;
  asker.trace = federation::TraceContext::Parse(request.traceparent);
  if (request.source.is_loopback()) return asker;
  const auto host = federation::Host::Parse(HostText(request.source));
  if (host.ok()) asker.hosts.push_back(*host);
  return asker;
}

HttpResponse Answered(const absl::StatusOr<Resolution>& resolution,
                      bool wants_json) {
  if (!resolution.ok()) return Error(resolution.status());
  if (wants_json) {
    federation::api::ResolveResponse response;
    *response.mutable_resolution() = *resolution;
    return Json(response);
  }
  if (resolution->routes().empty()) {
    return Error(Refusal(Reason::kNumberNotFound,
                         "this account has the number, but without a "
                         "destination; set one with interlinkctl number set"));
  }
  // Without a line end: FreeSWITCH would take it for a part of the URI.
  return Text(resolution->routes(0).uri());
}

bool IsWantable(std::string_view want) {
  return want.empty() || want == "number" || want == "name" || want == "call";
}

// What a dialplan is told of a call that is let in, which `want` names.
std::string LineOf(const federation::api::AuthorizeCallResponse& call,
                   std::string_view want) {
  if (want == "number") return call.number();
  if (want == "name") return call.interlink_name();
  if (want != "call" || call.interlink_name().empty()) {
    return call.destination();
  }
  // A destination has no spaces, so the first one ends it.
  return call.destination() + " " + call.interlink_name();
}

}  // namespace

PbxPages::PbxPages(federation::EventLoop& loop,
                   federation::EventLoop& account_loop,
                   federation::Account& account, PbxAccess access)
    : loop_(loop),
      account_(account),
      access_(std::move(access)),
      questions_(loop, account_loop, account.resolver()),
      phone_book_(loop, account.reachable(), account.mirrors()) {}

HttpPages::Caller PbxPages::CallerAt(
    const boost::asio::ip::address& source) const {
  if (AnyContains(access_.pbx, source)) return Caller::kOwn;
  return AnyContains(access_.phones, source) ? Caller::kGuest
                                             : Caller::kStranger;
}

void PbxPages::Answer(const HttpRequest& request, Respond respond) {
  const PbxPage page = PageAt(request.path);
  if (const auto refusal = Check(request, page)) {
    counts_.Add(page, refusal->status);
    return respond(Refused(*refusal, request.source));
  }
  const federation::SteadyTime start = loop_.Now();
  const auto query = Query::Parse(request.query);
  if (!query.ok()) {
    return respond(Counted(Error(query.status()), page, start));
  }
  switch (page) {
    case PbxPage::kAuthorize:
      return respond(Counted(Authorize(*query, request), page, start));
    case PbxPage::kPhoneBook:
      return respond(Counted(PhoneBookAs(*query), page, start));
    default:
      return Resolve(*query, request, std::move(respond));
  }
}

HttpResponse PbxPages::Counted(HttpResponse response, PbxPage page,
                               federation::SteadyTime start) {
  counts_.Add(page, response.status);
  counts_.AddTime(loop_.Now() - start);
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

std::optional<HttpRefusal> PbxPages::Check(const HttpRequest& request,
                                           PbxPage page) const {
  if (page == PbxPage::kNone) {
    return HttpRefusal{
        404, Reason::kRequestInvalid,
        "only /v1/resolve, /v1/authorize and /v1/phonebook are here"};
  }
  // The settings may have changed since the connection was accepted.
  const bool is_book = page == PbxPage::kPhoneBook;
  if (!AnyContains(is_book ? access_.phones : access_.pbx, request.source)) {
    return NotIn(is_book ? "--phonebook-allow" : kAllow, request.source);
  }
  if (access_.token && !access_.token->IsShownBy(request.authorization)) {
    return HttpRefusal{401, Reason::kNotPermitted,
                       "show the token of --pbx-http-token as Bearer, or as "
                       "the password of Basic"};
  }
  return std::nullopt;
}

HttpResponse PbxPages::Refuse(const HttpRefusal& refusal,
                              const boost::asio::ip::address& source) {
  if (CallerAt(source) == Caller::kStranger) {
    counts_.AddStranger();
    return Refused(NotIn(kAllow, source), source);
  }
  counts_.Add(PbxPage::kNone, refusal.status);
  return Refused(refusal, source);
}

HttpResponse PbxPages::Refused(const HttpRefusal& refusal,
                               const boost::asio::ip::address& source) {
  if (refusal.status != 404 &&
      log_[refusal.status].MayLog(NetworkOf(source), loop_.Now())) {
    spdlog::warn("--pbx-http-listen refuses requests of {}: {}",
                 source.to_string(), refusal.sentence);
  }
  HttpResponse response =
      Empty(refusal.status, refusal.reason, refusal.sentence);
  if (refusal.status == 401) {
    for (const char* scheme : {"Bearer", "Basic"}) {
      response.headers.emplace_back(
          "WWW-Authenticate", std::string(scheme) + " realm=\"interlink\"");
    }
  }
  return response;
}

void PbxPages::Resolve(const Query& query, const HttpRequest& http,
                       Respond respond) {
  const federation::SteadyTime start = loop_.Now();
  const auto number = query.Find("number");
  if (!number) {
    return respond(Counted(Error(Refusal(Reason::kRequestInvalid,
                                         "ask for /v1/resolve?number=201")),
                           PbxPage::kResolve, start));
  }
  federation::api::ResolveRequest request;
  request.set_number(std::string(*number));
  request.set_calling_number(query.Get("from"));
  const federation::Asker asker = AskerOf(http);
  const auto answered = [this, wants_json = WantsJson(http.accept),
                         trace = asker.trace,
                         start](const absl::StatusOr<Resolution>& answer) {
    const federation::Duration took = loop_.Now() - start;
    account_.counters().at_http.AddLookup(answer, took);
    account_.traces().NoteLookup(trace, kDoor, answer, took);
    return Counted(Answered(answer, wants_json), PbxPage::kResolve, start);
  };
  if (auto known = account_.resolver().AnswerAtOnce(request, asker)) {
    return respond(answered(*known));
  }
  questions_.Ask(request, asker,
                 [answered, respond = std::move(respond)](
                     absl::StatusOr<Resolution> answer) mutable {
                   respond(answered(answer));
                 });
}

HttpResponse PbxPages::Authorize(const Query& query, const HttpRequest& http) {
  const auto dialled = query.Find("dialled");
  const std::string want = query.Get("want");
  if (!dialled || !IsWantable(want)) {
    return Error(Refusal(Reason::kRequestInvalid,
                         "ask for /v1/authorize?dialled=USER, and with "
                         "&want=number or &want=name for that alone, or with "
                         "&want=call for the destination and the name"));
  }
  federation::api::AuthorizeCallRequest request;
  request.set_dialled(std::string(*dialled));
  request.set_call_id(query.Get("call_id"));
  request.set_calling_number(query.Get("from"));
  const auto start = loop_.Now();
  const auto call = account_.call_admission().Authorize(request);
  const federation::Duration took = loop_.Now() - start;
  account_.counters().at_http.AddCall(call, took);
  account_.traces().NoteCall(federation::TraceContext::Parse(http.traceparent),
                             kDoor, call, took);
  if (!call.ok()) return Error(call.status());
  HttpResponse response =
      WantsJson(http.accept) ? Json(*call) : Text(LineOf(*call, want));
  response.headers = {{"X-Interlink-Name", HeaderText(call->interlink_name())},
                      {"X-Interlink-Number", call->number()}};
  return response;
}

HttpResponse PbxPages::PhoneBookAs(const Query& query) {
  const auto format = PhoneBookFormatNamed(query.Get("format"));
  if (!format) {
    return Error(Refusal(Reason::kRequestInvalid,
                         "ask for /v1/phonebook?format=yealink, cisco or csv"));
  }
  auto book = phone_book_.In(*format);
  if (!book.ok()) return Error(book.status());
  return {.content_type = ContentTypeOf(*format), .body = *std::move(book)};
}

}  // namespace interlink::daemon
