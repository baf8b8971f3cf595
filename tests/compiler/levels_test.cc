#include "compiler/levels.h"

#include <gtest/gtest.h>

#include "bpfc/compile.h"
#include "bpfc/program_cost.h"
#include "compiler/reduction/reduce.h"

namespace bpfc {
namespace {

Program program_for(const std::string& filter, Optimization level) {
  CompileOptions options;
  options.optimization = level;
  const auto compiled = compile(filter, options);
  if (!compiled) throw std::runtime_error(compiled.error().message);
  return compiled->program;
}

std::string list_of(const std::string& what, int count) {
  std::string filter = what;
  std::uint32_t number = 12345;
  for (int i = 0; i < count; ++i) {
    number = number * 1664525U + 1013904223U;
    filter += (i == 0 ? " " : " or ");
    filter += what.ends_with("port") ? std::to_string(number >> 16U)
                                     : "10." + std::to_string(number >> 24U) + "." +
                                           std::to_string(number >> 16U & 0xffU) + "." +
                                           std::to_string(number >> 8U & 0xffU);
  }
  return filter;
}

// What libpcap makes of them: one comparison for each, and what stands around.
TEST(Levels, SizeIsNoLongerThanARowOfComparisons) {
  for (const int count : {2, 3, 6, 20, 40}) {
    const auto row = static_cast<std::size_t>(count);
    EXPECT_LE(program_for(list_of("ip src host", count), Optimization::kSize).size(), row + 5);
    EXPECT_LE(program_for(list_of("tcp dst port", count), Optimization::kSize).size(), row + 15);
  }
}

TEST(Levels, SizeIsTheShortest) {
  for (const char* filter :
       {"tcp port 80", "host 10.0.0.1 or 10.0.0.2", "portrange 80-90 and not net 10",
        "ip6 protochain 6", "tcp[13] & 7 != 0 or udp", "vlan 5 and port 53"}) {
    const std::size_t size = program_for(filter, Optimization::kSize).size();
    EXPECT_LE(size, program_for(filter, Optimization::kDefault).size()) << filter;
  }
}

TEST(Levels, FullIsNotWorseInEveryRespect) {
  for (const char* filter :
       {"ip6 protochain 6", "ip6 protochain 6 and src portrange 0-60000", "tcp port 80",
        "not ipx and (src host 10.0.1.1 or ether[2:2] >> 8 != 0x1)"}) {
    const Program usual = program_for(filter, Optimization::kDefault);
    const Program full = program_for(filter, Optimization::kFull);
    EXPECT_TRUE(reduction::never_worse(full, usual) || !reduction::never_worse(usual, full))
        << filter;
  }
}

}  // namespace
}  // namespace bpfc
