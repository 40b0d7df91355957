#pragma once

#include <gmock/gmock.h>

#include <string>

#include "federation/base/reason.h"
#include "tests/support/status_matchers.h"

namespace interlink::testing {

// EXPECT_THAT(result, Refuses(Reason::kNameInvalid));
MATCHER_P(Refuses, reason,
          "is refused with the reason " +
              std::string(federation::ReasonName(reason))) {
  *result_listener << StatusOf(arg).ToString();
  return federation::ReasonOf(StatusOf(arg)) == reason;
}

// The same, and the sentence fits `sentence`.
MATCHER_P2(Refuses, reason, sentence,
           "is refused with the reason " +
               std::string(federation::ReasonName(reason)) +
               " and a sentence that " +
               ::testing::DescribeMatcher<std::string>(sentence, negation)) {
  *result_listener << StatusOf(arg).ToString();
  return federation::ReasonOf(StatusOf(arg)) == reason &&
         ::testing::Matches(sentence)(
             std::string(federation::SentenceOf(StatusOf(arg))));
}

}  // namespace interlink::testing
