#include "bpfc/jit.h"

#include <algorithm>
#include <new>
#include <optional>
#include <utility>

#include "jit/assembler.h"
#include "jit/executable_memory.h"
#include "jit/field_code.h"
#include "jit/scalar_code.h"
#include "jit/vector_code.h"
#include "vm/flow.h"
#include "vm/needed_length.h"

namespace bpfc {

struct Jit::Code {
  jit::ExecutableMemory memory;
  std::size_t size = 0;                    // of the instructions in it
  std::optional<jit::VectorCode> vectors;  // calls what is in `memory`
  std::vector<CodeLocation> locations;
};

namespace {

constexpr std::size_t kPrefetchAhead = 12;

}  // namespace

Expected<Jit, std::string> Jit::compile(const VerifiedProgram& program, const JitOptions& options) {
  try {
    const Flow flow(program);
    const NeededLengths lengths(program, flow);
    auto code = std::make_unique<Code>();
    jit::Assembler out;
    jit::ConstantPool pool;
    Xbyak::Label scalar;
    std::optional<jit::FieldPlan> fields;
    if (options.vectors) fields = jit::plan_fields(program, flow, lengths);
    std::vector<Xbyak::Label> labels;
    jit::ScalarEntries entries = {scalar, {}, labels};
    if (fields) {
      labels.resize(fields->decision.continuations.size());
      entries.continuations = fields->decision.continuations;
      jit::emit_field_code(out, pool, *fields, {scalar, labels});
    }
    jit::emit_scalar_code(out, pool, program, flow, lengths, entries,
                          options.locations ? &code->locations : nullptr);
    code->size = out.getSize();
    pool.emit(out);
    auto memory = jit::ExecutableMemory::holding(out.finish());
    if (!memory) return Unexpected<std::string>(std::move(memory).error());
    code->memory = *std::move(memory);
    std::stable_sort(code->locations.begin(), code->locations.end(),
                     [](const CodeLocation& left, const CodeLocation& right) {
                       return left.offset < right.offset;
                     });
    if (options.vectors) {
      auto vectors = jit::compile_vectors(program, flow, code->memory.function<Function>());
      if (!vectors) return Unexpected<std::string>(std::move(vectors).error());
      code->vectors = *std::move(vectors);
    }
    return Jit(std::move(code));
  } catch (const Xbyak::Error& error) {
    return Unexpected<std::string>(std::string("cannot assemble: ") + error.what());
  } catch (const std::bad_alloc&) {
    return Unexpected<std::string>(std::string("out of memory"));
  }
}

Jit::Jit(std::unique_ptr<const Code> code)
    : code_(std::move(code)), function_(code_->memory.function<Function>()) {}
Jit::Jit(Jit&& other) noexcept = default;
Jit& Jit::operator=(Jit&& other) noexcept = default;
Jit::~Jit() = default;

void Jit::run_batch(std::span<const PacketView> packets, std::span<std::uint32_t> verdicts) const {
  if (code_->vectors) return code_->vectors->run_batch(packets, verdicts);
  for (std::size_t i = 0; i < packets.size(); ++i) {
    if (i + kPrefetchAhead < packets.size()) {
      __builtin_prefetch(packets[i + kPrefetchAhead].data);
    }
    verdicts[i] = run(packets[i]);
  }
}

void Jit::match_batch(std::span<const PacketView> packets, std::span<std::uint64_t> matches) const {
  if (code_->vectors) return code_->vectors->match_batch(packets, matches);
  constexpr std::size_t kBits = 64;
  for (std::size_t first = 0; first < packets.size(); first += kBits) {
    std::uint64_t bits = 0;
    for (std::size_t i = first; i < std::min(first + kBits, packets.size()); ++i) {
      if (i + kPrefetchAhead < packets.size()) {
        __builtin_prefetch(packets[i + kPrefetchAhead].data);
      }
      if (run(packets[i]) != 0) bits |= std::uint64_t{1} << (i - first);
    }
    matches[first / kBits] = bits;
  }
}

std::span<const std::uint8_t> Jit::code() const { return code_->memory.code().first(code_->size); }
std::span<const CodeLocation> Jit::locations() const { return code_->locations; }
bool Jit::is_vectored() const { return code_->vectors.has_value(); }

}  // namespace bpfc
