// Programs of the C interface.
#include <linux/filter.h>

#include <bit>
#include <memory>
#include <string>

#include "bpfc/compile.h"
#include "embed/error_report.h"
#include "embed/handles.h"

namespace bpfc::embed {
namespace {

static_assert(sizeof(Instruction) == sizeof(sock_filter));

constexpr std::uint16_t kNullLinkType = 0;
constexpr std::uint16_t kEthernet = 1;

constexpr unsigned kKnownFlags = BPFC_NO_OPTIMIZATION | BPFC_OPTIMIZE_SIZE | BPFC_OPTIMIZE_FULL |
                                 BPFC_LIVE_SOCKET | BPFC_NUMBERS_ONLY;

struct LevelFlag {
  unsigned flag;
  Optimization level;
};
constexpr LevelFlag kLevels[] = {{BPFC_NO_OPTIMIZATION, Optimization::kNone},
                                 {BPFC_OPTIMIZE_SIZE, Optimization::kSize},
                                 {BPFC_OPTIMIZE_FULL, Optimization::kFull}};

const LinkType* link_type_of(int number) {
  if (number == 0) return find_link_type(kEthernet);
  if (number == BPFC_LINK_TYPE_NULL) return find_link_type(kNullLinkType);
  if (number < 0 || number > 0xffff) return nullptr;
  return find_link_type(static_cast<std::uint16_t>(number));
}

// An error: what is wrong.
Expected<CompileOptions, std::string> compile_options(const bpfc_options& options) {
  CompileOptions how;
  how.link_type = link_type_of(options.link_type);
  if (how.link_type == nullptr) {
    return tl::unexpected("no link type has the number " + std::to_string(options.link_type));
  }
  if ((options.flags & ~kKnownFlags) != 0) return tl::unexpected(std::string("an unknown flag"));
  constexpr unsigned kLevelFlags = BPFC_NO_OPTIMIZATION | BPFC_OPTIMIZE_SIZE | BPFC_OPTIMIZE_FULL;
  if (std::popcount(options.flags & kLevelFlags) > 1) {
    return tl::unexpected(std::string("the flags name two levels of optimization"));
  }
  for (const LevelFlag& row : kLevels) {
    if ((options.flags & row.flag) != 0) how.optimization = row.level;
  }
  if ((options.flags & BPFC_LIVE_SOCKET) != 0) how.target = Target::kLiveLinux;
  if (options.snaplen != 0) how.snaplen = options.snaplen;
  if (options.netmask != 0) how.netmask = options.netmask;
  how.warnings = {};
  return how;
}

int refuse(bpfc_error* error, const VerifyError& refusal) {
  const auto index = static_cast<std::uint32_t>(refusal.instruction);
  return report(error, BPFC_ERROR_PROGRAM, "program", refusal.message, {index, index + 1});
}

int compile_program(const char* expression, const bpfc_options& options, bpfc_program** program,
                    bpfc_error* error) {
  auto how = compile_options(options);
  if (!how) return report(error, BPFC_ERROR_OPTION, "option", how.error());
  const SystemNameResolver names;
  if ((options.flags & BPFC_NUMBERS_ONLY) == 0) how->resolver = &names;
  const auto compiled = compile(expression, *how);
  if (!compiled) {
    const Diagnostic& found = compiled.error();
    return report(error, BPFC_ERROR_EXPRESSION, name(found.code).data(), found.message,
                  found.range);
  }
  const bool live = how->target == Target::kLiveLinux;
  auto verified = verify(compiled->program, live ? Rules::kKernel : Rules::kLibpcap);
  if (!verified) return refuse(error, verified.error());
  *program = new bpfc_program{std::move(*verified)};
  return BPFC_OK;
}

}  // namespace
}  // namespace bpfc::embed

using bpfc::embed::guarded;
using bpfc::embed::report;

int bpfc_compile(const char* expression, const bpfc_options* options, bpfc_program** program,
                 bpfc_error* error) {
  return guarded(error, [&] {
    if (expression == nullptr || program == nullptr) {
      return report(error, BPFC_ERROR_OPTION, "option", "a null pointer for expression or program");
    }
    return bpfc::embed::compile_program(expression, options == nullptr ? bpfc_options{} : *options,
                                        program, error);
  });
}

int bpfc_program_from_instructions(const sock_filter* instructions, size_t count,
                                   bpfc_program** program, bpfc_error* error) {
  return guarded(error, [&] {
    if ((instructions == nullptr && count > 0) || program == nullptr) {
      return report(error, BPFC_ERROR_OPTION, "option",
                    "a null pointer for instructions or program");
    }
    // More than any program that could be run to its end; larger counts are slips.
    constexpr size_t kMost = size_t{1} << 24U;
    if (count > kMost) {
      return report(error, BPFC_ERROR_PROGRAM, "program", "there are too many instructions");
    }
    bpfc::Program copy;
    copy.reserve(count);
    for (size_t i = 0; i < count; ++i) {
      const sock_filter& one = instructions[i];
      copy.push_back({one.code, one.jt, one.jf, one.k});
    }
    auto verified = bpfc::verify(copy, bpfc::Rules::kKernel);
    if (!verified) {
      auto lenient = bpfc::verify(copy, bpfc::Rules::kLibpcap);
      // What is wrong by either rules is told by libpcap's, which are more.
      if (!lenient) return bpfc::embed::refuse(error, lenient.error());
      verified = std::move(lenient);
    }
    *program = new bpfc_program{std::move(*verified)};
    return static_cast<int>(BPFC_OK);
  });
}

const sock_filter* bpfc_program_instructions(const bpfc_program* program, size_t* count) {
  const bpfc::Program& code = program->verified.program();
  if (count != nullptr) *count = code.size();
  return reinterpret_cast<const sock_filter*>(code.data());
}

void bpfc_program_free(bpfc_program* program) { delete program; }
