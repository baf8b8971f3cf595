#include "jit/vector_code.h"

#include <xbyak/xbyak_util.h>

#include <algorithm>
#include <utility>

#include "jit/vector_emitter.h"
#include "jit/vector_frame.h"
#include "jit/vector_program.h"

namespace bpfc::jit {
namespace {

constexpr std::size_t kGroup = frame::kLanes;
constexpr std::size_t kWordBits = 64;

}  // namespace

bool has_vector_instructions() {
  // Asked once: in a virtual machine the question takes longer than most programs do to compile.
  static const bool kHas = [] {
    using Xbyak::util::Cpu;
    const Cpu cpu;
    return cpu.has(Cpu::tAVX2) && cpu.has(Cpu::tAVX512F) && cpu.has(Cpu::tAVX512VL) &&
           cpu.has(Cpu::tAVX512BW) && cpu.has(Cpu::tAVX512DQ);
  }();
  return kHas;
}

VectorCode::VectorCode(ExecutableMemory memory, Jit::Function scalar)
    : memory_(std::move(memory)), function_(memory_.function<Function>()), scalar_(scalar) {}

void VectorCode::run_batch(std::span<const PacketView> packets,
                           std::span<std::uint32_t> verdicts) const {
  const std::size_t groups = packets.size() / kGroup;
  function_(packets.data(), groups, verdicts.data(), nullptr);
  for (std::size_t i = groups * kGroup; i < packets.size(); ++i) {
    verdicts[i] = scalar_(packets[i].data, packets[i].captured, packets[i].length, nullptr);
  }
}

void VectorCode::match_batch(std::span<const PacketView> packets,
                             std::span<std::uint64_t> matches) const {
  const std::size_t groups = packets.size() / kGroup;
  const std::size_t words = (packets.size() + kWordBits - 1) / kWordBits;
  if (words > 0) matches[words - 1] = 0;
  // A group's byte is where x86-64 has these bits of the word.
  function_(packets.data(), groups, nullptr, reinterpret_cast<std::uint8_t*>(matches.data()));
  for (std::size_t i = groups * kGroup; i < packets.size(); ++i) {
    const PacketView& packet = packets[i];
    const bool match = scalar_(packet.data, packet.captured, packet.length, nullptr) != 0;
    matches[i / kWordBits] |= std::uint64_t{match} << i % kWordBits;
  }
}

Expected<std::optional<VectorCode>, std::string> compile_vectors(const VerifiedProgram& program,
                                                                 const Flow& flow,
                                                                 Jit::Function scalar) {
  if (!has_vector_instructions()) return std::nullopt;
  const auto vectors = to_vector_program(program, flow);
  if (!vectors) return std::nullopt;
  try {
    VectorEmitter emitter(*vectors, scalar);
    if (!emitter.emit()) return std::nullopt;
    auto memory = ExecutableMemory::holding(emitter.finish());
    if (!memory) return Unexpected<std::string>(std::move(memory.error()));
    return VectorCode(std::move(*memory), scalar);
  } catch (const Xbyak::Error& error) {
    return Unexpected<std::string>(std::string("cannot assemble machine code: ") + error.what());
  }
}

}  // namespace bpfc::jit
