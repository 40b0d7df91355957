#include "federation/ledger/context.h"

namespace interlink::federation {

Transaction Begin(const Context& context) {
  return {context.database, context.events, context.generation,
          context.loop.WallNow()};
}

}  // namespace interlink::federation
