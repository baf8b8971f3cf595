// The engines that run in user space. The first one, interpret(), is what all are held against.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "bpfc/interpreter.h"
#include "bpfc/jit.h"
#include "bpfc/packet.h"
#include "bpfc/verify.h"

namespace bpfc::judge {

enum class UserEngine : std::uint8_t {
  kReference,    // interpret()
  kInterpreter,  // class Interpreter
  kJit,          // class Jit, packet by packet
  kBatch,        // its run_batch()
};
inline constexpr std::array<UserEngine, 4> kUserEngines = {
    UserEngine::kReference, UserEngine::kInterpreter, UserEngine::kJit, UserEngine::kBatch};

const char* to_string(UserEngine engine);

// One program in each of them. Immutable.
class UserEngines {
 public:
  // `program` must outlive this.
  explicit UserEngines(const VerifiedProgram& program);

  // What the program returns. None: the engine does not take such packets, or the system forbids
  // machine code.
  std::optional<std::uint32_t> run(UserEngine engine, const Packet& packet) const;
  // By run_batch(). False: the system forbids machine code.
  bool run_batch(std::span<const PacketView> packets, std::span<std::uint32_t> verdicts) const;

 private:
  const VerifiedProgram* program_;
  Interpreter interpreter_;
  std::optional<Jit> jit_;
};

}  // namespace bpfc::judge
