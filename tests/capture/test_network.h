// A network of a test's own: a namespace with the cable `cablea`, `cableb`.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "judge/network_namespace.h"
#include "judge/veth_pair.h"

namespace bpfc {

class TestNetwork : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    why_not = judge::enter_network_namespace();
    if (!why_not.empty()) return;
    auto made = judge::make_veth_pair("cable");
    if (made) {
      cable = *std::move(made);
    } else {
      why_not = made.error();
    }
  }
  void SetUp() override {
    if (!why_not.empty()) GTEST_SKIP() << why_not;
  }

  static inline std::string why_not;
  static inline judge::VethPair cable;
};

}  // namespace bpfc
