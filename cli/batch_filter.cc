#include "cli/batch_filter.h"

#include <utility>

namespace bpfc::cli {
namespace {

std::variant<Jit, Interpreter> make_engine(const VerifiedProgram& program,
                                           std::span<const PacketView> sample) {
  auto compiled = Jit::compile(program, {.sample = sample});
  if (compiled) return *std::move(compiled);
  return Interpreter(program);
}

}  // namespace

BatchFilter::BatchFilter(const VerifiedProgram& program, std::span<const PacketView> sample)
    : engine_(make_engine(program, sample)) {}

}  // namespace bpfc::cli
