#include "federation/ledger/context.h"

namespace interlink::federation {

Transaction Begin(const Context& context) { return context.ledger.Begin(); }

}  // namespace interlink::federation
