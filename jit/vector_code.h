// Machine code that runs a program on 8 packets at a time, a lane of a vector register each,
// without branches (AVX-512). vector_program.h has the idea.
//
// The loop takes the packets' pointers and lengths, and has prefetched the bytes some groups
// before. Lanes whose packets are too short for the loads at constant offsets, and others for which
// an exact answer would cost the rest too much, are left to the scalar function, one after the
// other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "bpfc/expected.h"
#include "bpfc/jit.h"
#include "bpfc/packet.h"
#include "bpfc/verify.h"
#include "jit/executable_memory.h"
#include "vm/flow.h"

namespace bpfc::jit {

// Whether this machine has the instructions.
bool has_vector_instructions();

// Move-only. Immutable: many threads may run one.
class VectorCode {
 public:
  // As Jit::run_batch() and match_batch().
  void run_batch(std::span<const PacketView> packets, std::span<std::uint32_t> verdicts) const;
  void match_batch(std::span<const PacketView> packets, std::span<std::uint64_t> matches) const;

  std::span<const std::uint8_t> code() const { return memory_.code(); }

 private:
  friend Expected<std::optional<VectorCode>, std::string> compile_vectors(
      const VerifiedProgram& program, const Flow& flow, Jit::Function scalar);
  // `groups` of 8 packets; a verdict a packet, or a byte of matches a group; one of them is null.
  using Function = void (*)(const PacketView* packets, std::size_t groups, std::uint32_t* verdicts,
                            std::uint8_t* matches);

  VectorCode(ExecutableMemory memory, Jit::Function scalar);

  ExecutableMemory memory_;
  Function function_;
  Jit::Function scalar_;
};

// `scalar` gives the same program's verdicts and must outlive the code. None: the program does not
// fit (to_vector_program()) or the machine has no such instructions. An error, as Jit::compile()'s.
Expected<std::optional<VectorCode>, std::string> compile_vectors(const VerifiedProgram& program,
                                                                 const Flow& flow,
                                                                 Jit::Function scalar);

}  // namespace bpfc::jit
