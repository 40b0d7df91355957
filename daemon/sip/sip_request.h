#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/sip/message_head.h"
#include "daemon/sip/top_via.h"

namespace interlink::daemon {

// A SIP request, as far as a redirect server reads it (RFC 3261 sections 7, 8
// and 20). What its answer repeats is kept as it was written.
//
// A value. What is wrong with it is in `fault`, so that its sender can be told.
struct SipRequest {
  // `body_bytes` came after the head, and perhaps after other messages; by TCP,
  // the Content-Length has to say where they end. nullopt if nobody can answer
  // it: it is no request, or lacks what an answer repeats.
  static std::optional<SipRequest> Parse(const MessageHead& head,
                                         size_t body_bytes, bool is_stream);

  // Names the transaction: the branch, as RFC 3261 section 17.2.3 has it, and
  // all else that a retransmission, an ACK and a CANCEL repeat (sections 9.1
  // and 17.1.1.3). An ACK and a CANCEL have the key of the INVITE that they are
  // about.
  std::string TransactionKey() const;

  std::string method;
  bool has_sip_uri = false;  // sip: or sips:
  std::string user;          // Of the request URI, unescaped; may be empty.
  bool is_sip_2_0 = true;
  TopVia via;
  std::vector<std::string> later_vias;  // Below the topmost, values as sent.
  std::string from;
  std::string to;
  bool has_to_tag = false;
  std::string call_id;
  std::string cseq;
  std::optional<size_t> max_forwards;
  std::string timestamp;              // Empty if there is none.
  std::vector<std::string> required;  // Extensions that Require names.
  // Digits of P-Asserted-Identity or, without one, of From; else empty.
  std::string calling_number;
  std::string fault;  // Why it is malformed; empty if it is not.

 private:
  struct Reader;
  std::string uri_;
  std::string from_tag_;
  std::string cseq_number_;
};

}  // namespace interlink::daemon
