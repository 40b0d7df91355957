#pragma once

#include <string>

#include "tests/bench/session_figures.h"

namespace interlink::bench {

// SIP redirections by a real daemon against those of Kamailio, which answers
// from a hash table without a transaction: each alone on one core, the same
// numbers and the same caller, in turn.
//
// Kamailio is /usr/sbin/kamailio, or in the folder KAMAILIO_ROOT, where its
// Debian package was unpacked.
void MeasureSip(const Programs& programs, const Scale& scale);

}  // namespace interlink::bench
