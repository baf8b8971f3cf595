// Compiles a verified program to x86-64 machine code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bpfc/expected.h"
#include "bpfc/packet.h"
#include "bpfc/verify.h"
#include "bpfc/visibility.h"

namespace BPFC_PUBLIC bpfc {

struct JitOptions {
  // Asks for Jit::locations().
  bool locations = false;
  // Whether run_batch() may look at several packets at once, in vectors (AVX-512). Where the
  // machine cannot it does not.
  bool vectors = true;
};

// Where the machine code of an instruction starts: an offset into Jit::code(). An instruction may
// have several places, or, where others do its work, none.
struct CodeLocation {
  std::uint32_t offset = 0;
  std::uint32_t instruction = 0;  // index into the program

  friend bool operator==(const CodeLocation&, const CodeLocation&) = default;
};

// Machine code for one program. The verdicts are interpret()'s, with its default step limit.
// Immutable: many threads may run one. The code is in pages of its own, between two that may not be
// touched; they are never writable and executable at once. Constants of the program stand in it as
// they are (they are not blinded): a process that runs programs of strangers next to secrets should
// know that these can choose some of its executable bytes. Debuggers unwind the functions of
// programs that call nothing (only loads of ancillary data and the like do); from the others, and
// from run_batch(), they cannot. Moved-from, it may only be destroyed or assigned to.
class Jit {
 public:
  // The code as a function, for callers that want no call more than the one. It stands as long as
  // the Jit. `context` is null or the same packet with what is known of it beside its bytes
  // (Packet::ancillary and the header offsets).
  using Function = std::uint32_t (*)(const std::uint8_t* data, std::uint32_t captured,
                                     std::uint32_t length, const Packet* context);

  // Linear in the program's length. An error, one sentence: there is no memory, the system forbids
  // executable pages, or the code would be larger than jumps reach. Keeps nothing of `program`.
  // Thread-safe.
  static Expected<Jit, std::string> compile(const VerifiedProgram& program,
                                            const JitOptions& options = {});
  Jit(Jit&& other) noexcept;
  Jit& operator=(Jit&& other) noexcept;
  ~Jit();

  std::uint32_t run(const PacketView& packet) const {
    return function_(packet.data, packet.captured, packet.length, nullptr);
  }
  std::uint32_t run(const Packet& packet) const {
    return function_(packet.captured.data(), static_cast<std::uint32_t>(packet.captured.size()),
                     packet.wire_length, &packet);
  }
  // A verdict for each packet. `verdicts` has room for as many.
  void run_batch(std::span<const PacketView> packets, std::span<std::uint32_t> verdicts) const;
  // Bit i % 64 of matches[i / 64] is set where packet i's verdict is not 0, and else cleared, as
  // are the last word's bits past the last packet. `matches` has room for as many bits.
  void match_batch(std::span<const PacketView> packets, std::span<std::uint64_t> matches) const;

  Function function() const { return function_; }
  // The machine code of function(), and what it came from, ascending. Constants that it refers to
  // lie behind it.
  std::span<const std::uint8_t> code() const;
  std::span<const CodeLocation> locations() const;
  // Whether run_batch() looks at several packets at once.
  bool is_vectored() const;

 private:
  struct Code;
  explicit Jit(std::unique_ptr<const Code> code);

  std::unique_ptr<const Code> code_;
  Function function_;
};

}  // namespace bpfc
