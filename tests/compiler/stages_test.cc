// CompileOptions::dump.
#include <gmock/gmock.h>

#include "bpfc/compile.h"

namespace bpfc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string dumped(std::string_view stage, std::string_view text = "tcp port 80",
                   Optimization level = Optimization::kDefault) {
  CompileOptions options;
  options.dump = stage;
  options.optimization = level;
  const auto compiled = compile(text, options);
  return compiled ? compiled->dump : compiled.error().message;
}

TEST(DumpStages, AreTheTreeTheGraphAndThePasses) {
  EXPECT_THAT(dump_stages(),
              ElementsAre("ast", "graph", "fold", "simplify", "facts", "sets", "dead", "tails"));
}

TEST(DumpStages, HaveTextEach) {
  EXPECT_THAT(dumped("ast"), HasSubstr("80"));
  for (const char* stage : {"graph", "fold", "simplify", "facts", "sets", "dead", "tails"}) {
    EXPECT_THAT(dumped(stage), HasSubstr("return 262144")) << stage;
  }
}

TEST(DumpStages, ShowWhatAPassDid) {
  EXPECT_NE(dumped("graph", "1 = 1 and ip"), dumped("fold", "1 = 1 and ip"));
  EXPECT_NE(dumped("fold", "ip host 1.2.3.4"), dumped("facts", "ip host 1.2.3.4"));
  EXPECT_NE(dumped("fold", "tcp[13] & 3 = 0"), dumped("simplify", "tcp[13] & 3 = 0"));
  const char* const ports = "tcp port 1 or 2 or 3 or 4";
  EXPECT_NE(dumped("facts", ports), dumped("sets", ports));
  EXPECT_NE(dumped("sets", ports), dumped("tails", ports));
}

TEST(DumpStages, AreEmptyWhereNothingRanOrNothingWasAsked) {
  EXPECT_EQ(dumped(""), "");
  EXPECT_EQ(dumped("fold", "ip", Optimization::kNone), "");
  EXPECT_NE(dumped("graph", "ip", Optimization::kNone), "");
}

}  // namespace
}  // namespace bpfc
