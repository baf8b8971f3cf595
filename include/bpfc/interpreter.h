// Runs verified programs on packets: interpret() plainly, for programs that run a few times and as
// what every other engine is held against; an Interpreter prepares the program first.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "bpfc/packet.h"
#include "bpfc/verify.h"
#include "bpfc/visibility.h"

namespace BPFC_PUBLIC bpfc {

// Runs the program and returns what it returns: the number of bytes to keep, 0 to reject. A load
// out of bounds, or a division by a zero in X, returns 0. Arithmetic follows the rules that the
// program was verified by (they differ in shifts of 32 and more by X, in X + k past 2^32 and in
// what lies at offsets from 2^31 up; a scratch cell that was not written reads as 0). `executed`,
// where given, is increased by the instructions executed. A program with backward jumps
// (Rules::kLibpcap) is stopped, returning 0, at the first one it comes to when it has executed
// `step_limit` instructions or more. Thread-safe.
std::uint32_t interpret(const VerifiedProgram& program, const Packet& packet,
                        std::uint64_t* executed = nullptr, std::uint64_t step_limit = 1U << 20);

// A program made ready to run on many packets. The verdicts are interpret()'s, with its default
// step limit. Immutable: many threads may run one. Moved-from, it may only be destroyed or assigned
// to.
class Interpreter {
 public:
  // Linear in the program's length. Keeps nothing of `program`.
  explicit Interpreter(const VerifiedProgram& program);
  Interpreter(Interpreter&& other) noexcept;
  Interpreter& operator=(Interpreter&& other) noexcept;
  ~Interpreter();

  std::uint32_t run(const PacketView& packet) const;
  std::uint32_t run(const Packet& packet) const;
  // A verdict for each packet. `verdicts` has room for as many.
  void run_batch(std::span<const PacketView> packets, std::span<std::uint32_t> verdicts) const;

 private:
  struct Code;
  std::unique_ptr<const Code> code_;
};

}  // namespace bpfc
