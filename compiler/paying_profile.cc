#include "compiler/paying_profile.h"

#include <algorithm>
#include <optional>

#include "compiler/generate.h"

namespace bpfc {
namespace {

// Tenths of a second. Of a very slow filter fewer packets tell enough.
constexpr std::uint64_t kMostExecuted = 20'000'000;

// None: there is no such program, or none that can be run.
std::optional<VerifiedProgram> program_of(ir::Graph graph, const PassContext& context) {
  for (const Pass& pass : passes()) graph = pass.run(std::move(graph), context);
  const auto program = generate(graph);
  if (!program) return std::nullopt;
  auto verified = verify(*program, Rules::kKernel);
  // Too long for the kernel it may be.
  if (!verified) verified = verify(*program, Rules::kLibpcap);
  if (!verified) return std::nullopt;
  return std::move(*verified);
}

}  // namespace

const Profile* paying_profile(const ir::Graph& lowered, const PassContext& context) {
  if (context.profile == nullptr || context.profile->size() == 0) return nullptr;
  const Profile& profile = *context.profile;
  PassContext without = context;
  without.profile = nullptr;
  const auto guessed = program_of(lowered, without);
  const auto counted = program_of(lowered, context);
  if (!guessed || !counted) return nullptr;
  const std::size_t wanted = context.optimization == Optimization::kSize
                                 ? guessed->program().size()
                                 : std::max(guessed->program().size(), kKernelMaxInstructions);
  if (counted->program().size() > wanted) return nullptr;
  std::uint64_t by_guessed = 0;
  std::uint64_t by_counted = 0;
  for (std::size_t i = 0; i < profile.size() && by_guessed + by_counted < kMostExecuted; ++i) {
    interpret(*guessed, profile[i], &by_guessed);
    interpret(*counted, profile[i], &by_counted);
  }
  return by_counted < by_guessed ? &profile : nullptr;
}

}  // namespace bpfc
