// Tests that ask whether a value lies in an interval, whatever their form.
#pragma once

#include <optional>

#include "compiler/graph.h"
#include "compiler/interval.h"

namespace bpfc {

// `base` lies in `holds`; otherwise the test does not hold. Both bounds are possible values.
struct IntervalTest {
  ir::ValueIndex base = ir::kNoValue;
  Interval holds;
};

// A Decide node as such a test of a value that is no mask and no shift: `v & 0xffff0000 =
// 0xa010000` asks for v in [0xa010000, 0xa01ffff]. Computing `base` fails where computing the
// node's value does. None: the node asks something else, or its outcome is always the same.
// Constant time.
std::optional<IntervalTest> interval_test(const ir::ValueTable& values, const ir::Node& node);

}  // namespace bpfc
