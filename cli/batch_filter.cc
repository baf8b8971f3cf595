#include "cli/batch_filter.h"

#include <utility>

namespace bpfc::cli {
namespace {

std::variant<Jit, Interpreter> make_engine(const VerifiedProgram& program) {
  auto compiled = Jit::compile(program);
  if (compiled) return *std::move(compiled);
  return Interpreter(program);
}

}  // namespace

BatchFilter::BatchFilter(const VerifiedProgram& program) : engine_(make_engine(program)) {}

}  // namespace bpfc::cli
