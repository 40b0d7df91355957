#pragma once

#include "tests/bench/session_figures.h"

namespace interlink::bench {

// The figure of the HTTP door of the PBX (design.md section 15).
void MeasureHttp(const Programs& programs, const Scale& scale);

}  // namespace interlink::bench
