// Any bytes as a filter: nothing but diagnostics and programs that verify. The first byte chooses
// the link type, the target and whether to optimize; the rest is the text.
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tests/compiler/compile_check.h"
#include "tests/compiler/known_names.h"

namespace {

const bpfc::NameResolver& resolver() {
  static const bpfc::TableNameResolver kResolver = bpfc::testing::known_names();
  return kResolver;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto types = bpfc::link_types();
  bpfc::CompileOptions options;
  options.link_type = &types[data[0] % types.size()];
  options.target = static_cast<bpfc::Target>(data[0] >> 4U & 3U);
  if ((data[0] & 0x80U) != 0) options.optimization = bpfc::Optimization::kNone;
  options.netmask = 0xffffff00U;
  options.resolver = &resolver();
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bpfc::testing::CompileCheck check = bpfc::testing::check_compile(text, options);
  if (!check.wrong.empty()) {
    std::fprintf(stderr, "%s\n", check.wrong.c_str());
    std::abort();
  }
  return 0;
}
